/** One's own account: who one is here, where one is signed in, what one likes, and the way out. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { navigate } from "../app/router";
import { session, signOut, type User } from "../app/session";
import { useStore } from "../app/store";
import { Button, buttonClass, Card, Icon, Page, Skeleton, showToast } from "../design";
import { locale, useT } from "../i18n";
import { Link } from "../parts/Link";
import { Devices } from "./account/Devices";
import { Preferences } from "./account/Preferences";
import { day } from "./account/times";
import { YourData } from "./account/YourData";
import "./account/account.css";

export function Account(): JSX.Element {
  const t = useT();
  const { state, user } = useStore(session);
  useEffect(() => {
    if (state === "out") navigate("signin", { replace: true });
  }, [state]);
  return (
    <Page title={t("account.title")} back={() => navigate(state === "out" ? "welcome" : "start")}>
      {state === "guest" && <Guest />}
      {state === "loading" && <Skeleton />}
      {user && <You user={user} />}
      <Preferences />
      {user && <Devices />}
      {user && <YourData email={user.email ?? ""} />}
      {state !== "loading" && state !== "out" && <SignOut guest={state === "guest"} />}
    </Page>
  );
}

function You({ user }: { user: User }): JSX.Element {
  const t = useT();
  const language = useStore(locale);
  return (
    <Card title={t("account.you")} icon="person">
      <dl class="account-facts">
        {user.email && <Fact name={t("account.email")}>{user.email}</Fact>}
        {user.campus && <Fact name={t("account.campus")}>{user.campus}</Fact>}
        {user.role !== "member" && <Fact name={t("account.role")}>{t(`account.role.${user.role}`)}</Fact>}
        {user.createdAt && <Fact name={t("account.since")}>{day(user.createdAt, language)}</Fact>}
      </dl>
      <p class="small soft">{t("account.hidden")}</p>
      {user.role !== "member" && (
        <div class="row">
          <a class={buttonClass("secondary")} href="/admin">
            <Icon name="shield" />
            <span class="button-text">{t("account.admin")}</span>
          </a>
        </div>
      )}
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: string }): JSX.Element {
  return (
    <div>
      <dt class="small soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Guest(): JSX.Element {
  const t = useT();
  return (
    <Card title={t("account.guest")} icon="hand">
      <p class="soft">{t("account.guest.words")}</p>
      <div class="row">
        <Link to="signin" class={buttonClass("primary")}>
          {t("account.guest.signIn")}
        </Link>
      </div>
    </Card>
  );
}

function SignOut({ guest }: { guest: boolean }): JSX.Element {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    await signOut();
    showToast({ kind: "good", text: t("account.signedOut") });
    navigate("welcome", { replace: true });
  };
  return (
    <div class="account-out">
      <Button kind="secondary" icon="signOut" busy={busy} onClick={go}>
        {t(guest ? "account.guest.leave" : "account.signOut")}
      </Button>
    </div>
  );
}
