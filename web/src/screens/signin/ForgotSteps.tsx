/** A forgotten password: a code is sent, and with it a new password is set, which signs in at once. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { forgot, reset } from "../../app/session";
import { Button, CodeField, TextField } from "../../design";
import { LONGEST, SHORTEST } from "../../domain/strength";
import { useT } from "../../i18n";
import type { Papers } from "../SignIn";
import { AddressField } from "./AddressField";
import { Complaint, useComplaint } from "./Complaint";
import { StrengthHint } from "./EntryStep";
import { useAsking } from "./form";
import { Resend } from "./Resend";

export function ForgotStep({ papers }: { papers: Papers }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const wrong = useComplaint(asking);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await asking.ask(() => forgot(papers.email.trim()));
    if (!answer?.ok) return;
    papers.setPassword("");
    papers.go("reset");
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <AddressField papers={papers} error={wrong("email")} />
      <Complaint asking={asking} />
      <Button
        type="submit"
        size="large"
        wide
        busy={asking.busy}
        disabled={papers.email.trim() === "" || asking.wait > 0}
      >
        {t("signin.forgot.action")}
      </Button>
      <div class="signin-center">
        <Button kind="quiet" onClick={() => papers.go("reset")}>
          {t("signin.forgot.have")}
        </Button>
      </div>
    </form>
  );
}

export function ResetStep({ papers }: { papers: Papers }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const wrong = useComplaint(asking);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { email, go, tell } = papers;
  const [known] = useState(email !== "");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await asking.ask(() => reset(email.trim(), code, password));
    if (answer === null) return;
    if (!answer.ok) {
      if (answer.problem.code === "wrong_code") setCode("");
      return;
    }
    tell("changed");
    const entered = await papers.enter(password);
    if (!entered.ok && entered.problem.code !== "second_factor") go("signin", { replace: true });
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      {known ? (
        <>
          <p>
            {t("signin.reset.sent")} <strong class="signin-address">{email.trim()}</strong>
          </p>
          {/* for password managers: whose password this is */}
          <input
            class="visually-hidden"
            type="email"
            name="email"
            autocomplete="username"
            value={email}
            tabIndex={-1}
            aria-hidden="true"
            readOnly
          />
        </>
      ) : (
        <AddressField papers={papers} error={wrong("email")} />
      )}
      <CodeField
        label={t("signin.code")}
        value={code}
        onInput={setCode}
        error={wrong("code")}
        autoFocus={known}
      />
      <TextField
        label={t("signin.reset.password")}
        type="password"
        name="new-password"
        autoComplete="new-password"
        maxLength={LONGEST}
        value={password}
        onInput={setPassword}
        hint={t("signin.password.hint", { shortest: SHORTEST })}
        error={wrong("password")}
      />
      {password !== "" && <StrengthHint password={password} />}
      <Complaint asking={asking} />
      <Button
        type="submit"
        size="large"
        wide
        busy={asking.busy}
        disabled={code.length < 6 || password === "" || email.trim() === "" || asking.wait > 0}
      >
        {t("signin.reset.action")}
      </Button>
      <p class="small soft">{t("signin.reset.hint")}</p>
      <div class="signin-links">
        <Resend send={() => forgot(email.trim())} disabled={email.trim() === ""} sent={known} />
      </div>
    </form>
  );
}
