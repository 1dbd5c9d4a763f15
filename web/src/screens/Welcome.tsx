/** The first thing that somebody sees who is not signed in: what this is, the three rules, and one thing to press. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { navigate, route } from "../app/router";
import { dismissTrouble, enterAsGuest, session } from "../app/session";
import { useStore } from "../app/store";
import { Button, buttonClass, Icon, type IconName, Notice } from "../design";
import { type Key, useT } from "../i18n";
import { Link } from "../parts/Link";
import { complaint } from "./signin/complaints";
import { Picture } from "./welcome/Picture";
import "./welcome/welcome.css";

/** What a single sign-on may have told: the sign-in screen shows it. */
const FOR_SIGN_IN = ["sanctioned", "no_campus", "sign_in_failed"];

const RULES: readonly { icon: IconName; text: Key }[] = [
  { icon: "heart", text: "welcome.rule.kind" },
  { icon: "shield", text: "welcome.rule.safe" },
  { icon: "leave", text: "welcome.rule.leave" },
];

export function Welcome(): JSX.Element {
  const t = useT();
  const { config, trouble } = useStore(session);
  useEffect(() => {
    if (trouble && FOR_SIGN_IN.includes(trouble.code)) navigate("signin", { replace: true });
  }, [trouble]);
  const campus = config?.campus ?? true;
  return (
    <main class="welcome" id="main">
      <div class="welcome-picture">
        <Picture />
      </div>
      <div class="welcome-words">
        <h1 class="welcome-title" tabIndex={-1}>
          {t(campus ? "welcome.title" : "welcome.title.open")}
        </h1>
        <p class="welcome-lead">
          {t(campus ? "welcome.lead" : "welcome.lead.open")} <strong>{t("welcome.kept")}</strong>
        </p>
        {trouble && (
          <Notice kind={trouble.status === 0 ? "warn" : "info"} onClose={dismissTrouble}>
            {t(complaint(trouble))}
          </Notice>
        )}
        <Ways />
      </div>
      <section class="welcome-rules" aria-labelledby="welcome-rules">
        <h2 id="welcome-rules">{t("welcome.rules")}</h2>
        <ul>
          {RULES.map(({ icon, text }) => (
            <li key={text}>
              <span class="welcome-rule-icon">
                <Icon name={icon} />
              </span>
              {t(text)}
            </li>
          ))}
        </ul>
        <Link to="help" class="welcome-more">
          {t("welcome.help")}
        </Link>
      </section>
    </main>
  );
}

/** The one thing to press, and beside it a guest's way in. */
function Ways(): JSX.Element {
  const t = useT();
  const guests = useStore(session, ({ config }) => config?.guests ?? false);
  const asGuest = (): void => {
    if (enterAsGuest().ok && route.get() === "welcome") navigate("start");
  };
  return (
    <div class="welcome-ways">
      <Link to="signin" class={buttonClass("primary", "large")}>
        {t("welcome.signIn")}
      </Link>
      {guests && (
        <Button kind="secondary" size="large" onClick={asGuest}>
          {t("welcome.guest")}
        </Button>
      )}
    </div>
  );
}
