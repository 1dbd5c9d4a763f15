/** The ways in beside a password, where the server has them: the college, Google, or as a guest. */

import type { JSX } from "preact";
import { navigate, route } from "../../app/router";
import { enterAsGuest, session } from "../../app/session";
import { useStore } from "../../app/store";
import { Button, buttonClass, Icon } from "../../design";
import { useT } from "../../i18n";
import type { Papers } from "../SignIn";
import { GoogleButton } from "./GoogleButton";

export function OtherWays({ papers }: { papers: Papers }): JSX.Element | null {
  const t = useT();
  const config = useStore(session, ({ config }) => config);
  if (config === null) return null;
  const { singleSignOn, google } = config.signIn;
  if (singleSignOn === null && google === null && !config.guests) return null;
  const asGuest = (): void => {
    if (enterAsGuest().ok && route.get() === "signin") navigate("start", { replace: true });
  };
  return (
    <div class="signin-ways">
      <p class="signin-or">
        <span>{t("signin.or")}</span>
      </p>
      {singleSignOn && (
        <a class={`${buttonClass("secondary", "large")} button-wide`} href={singleSignOn.start}>
          <Icon name="key" />
          <span class="button-text">{t("signin.sso", { name: singleSignOn.name })}</span>
        </a>
      )}
      {google && <GoogleButton clientId={google.clientId} enter={papers.enterWithGoogle} />}
      {config.guests && (
        <>
          <Button kind="secondary" size="large" wide icon="hand" onClick={asGuest}>
            {t("signin.guest")}
          </Button>
          <p class="small soft signin-center">{t("signin.guest.hint")}</p>
        </>
      )}
    </div>
  );
}
