/** One's own account: who one is here, where one is signed in, what one likes, and the way out. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate } from "../app/router";
import { session, signOut, type User } from "../app/session";
import { useStore } from "../app/store";
import { Button, buttonClass, Card, Icon, Page, Skeleton, showToast } from "../design";
import { locale, useT } from "../i18n";
import { InstallCard } from "../parts/InstallCard";
import { Devices } from "./account/Devices";
import { Preferences } from "./account/Preferences";
import { day } from "./account/times";
import { YourData } from "./account/YourData";
import "./account/account.css";

export function Account(): JSX.Element {
  const t = useT();
  const user = useStore(session, ({ user }) => user);
  return (
    <Page title={t("account.title")} back={() => navigate("start")}>
      {user ? <You user={user} /> : <Skeleton />}
      <Preferences />
      <InstallCard />
      {user && <Devices />}
      {user && <YourData email={user.email ?? ""} />}
      {user && <SignOut />}
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

function SignOut(): JSX.Element {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    await signOut();
    showToast({ kind: "good", text: t("account.signedOut") });
  };
  return (
    <div class="account-out">
      <Button kind="secondary" icon="signOut" busy={busy} onClick={go}>
        {t("account.signOut")}
      </Button>
    </div>
  );
}
