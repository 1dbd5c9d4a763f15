/** The first step: an address and a password, to sign in or to sign up; and the other ways in. */

import type { JSX } from "preact";
import { signUp } from "../../app/session";
import { Button, Meter, Notice, Segmented, TextField } from "../../design";
import { LONGEST, SHORTEST, type Strength, strength } from "../../domain/strength";
import { useT } from "../../i18n";
import { Link } from "../../parts/Link";
import type { Papers } from "../SignIn";
import { AddressField } from "./AddressField";
import { Complaint, useComplaint } from "./Complaint";
import { useAsking } from "./form";
import { OtherWays } from "./OtherWays";

export function EntryStep({ papers, signUp: isNew }: { papers: Papers; signUp: boolean }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const wrong = useComplaint(asking);
  const { email, password, setPassword, go, news, tell } = papers;

  const choose = (way: "signin" | "signup"): void => {
    asking.clear();
    tell(null);
    go(way, { replace: true });
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    tell(null);
    if (!isNew) {
      await asking.ask(() => papers.enter());
      return;
    }
    const answer = await asking.ask(() => signUp(email.trim(), password));
    if (answer?.ok) go("code");
  };

  return (
    <>
      <Segmented
        label={t("signin.which")}
        hideLabel
        value={isNew ? "signup" : "signin"}
        onChange={choose}
        options={[
          { value: "signin", label: t("signin.which.known") },
          { value: "signup", label: t("signin.which.new") },
        ]}
      />
      {news && <Notice kind="good">{t(`signin.news.${news}`)}</Notice>}
      <form class="stack" onSubmit={submit} noValidate>
        <AddressField papers={papers} error={wrong("email")} />
        <TextField
          label={t("signin.password")}
          type="password"
          name="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          maxLength={LONGEST}
          value={password}
          onInput={setPassword}
          hint={isNew ? t("signin.password.hint", { shortest: SHORTEST }) : undefined}
          error={wrong("password")}
        />
        {isNew && password !== "" && <StrengthHint password={password} />}
        <Complaint asking={asking} />
        <Button
          type="submit"
          size="large"
          wide
          busy={asking.busy}
          disabled={email.trim() === "" || password === "" || asking.wait > 0}
        >
          {t(isNew ? "signin.signup.action" : "signin.signin.action")}
        </Button>
        {isNew ? (
          <p class="small soft signin-center">
            {t("signin.rules")} <Link to="help">{t("signin.rules.link")}</Link>
          </p>
        ) : (
          <div class="signin-center">
            <Button kind="quiet" onClick={() => go("forgot")}>
              {t("signin.forgotten")}
            </Button>
          </div>
        )}
      </form>
      <OtherWays papers={papers} />
    </>
  );
}

const SHARES: Record<Strength, number> = { short: 0.15, weak: 0.35, fair: 0.7, strong: 1 };

export function StrengthHint({ password }: { password: string }): JSX.Element {
  const t = useT();
  const level = strength(password);
  return (
    <div class={`strength strength-${level}`}>
      <Meter value={SHARES[level]} label={t(`signin.strength.${level}`)} showLabel />
    </div>
  );
}
