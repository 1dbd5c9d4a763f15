/** The six digits of the mail, after signing up. With them the person is signed in; the password is not asked again. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { resend, verifyEmail } from "../../app/session";
import { Button, CodeField } from "../../design";
import { useT } from "../../i18n";
import type { Papers } from "../SignIn";
import { AddressField } from "./AddressField";
import { Complaint, useComplaint } from "./Complaint";
import { useAsking } from "./form";
import { Resend } from "./Resend";

export function CodeStep({ papers }: { papers: Papers }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const wrong = useComplaint(asking);
  const [code, setCode] = useState("");
  const { email, password, go, tell } = papers;
  const [known] = useState(email !== ""); // not after a reload: then the address is asked for again

  const verify = async (given: string): Promise<void> => {
    const answer = await asking.ask(() => verifyEmail(email.trim(), given));
    if (answer === null) return;
    if (!answer.ok) {
      if (answer.problem.code === "wrong_code") setCode("");
      return;
    }
    tell("confirmed");
    const entered = password === "" ? null : await papers.enter();
    if (!entered?.ok && (entered === null || entered.problem.code !== "second_factor")) {
      go("signin", { replace: true });
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void verify(code);
  };

  return (
    <form class="stack" onSubmit={submit} noValidate>
      {known ? (
        <p>
          {t("signin.code.sent")} <strong class="signin-address">{email.trim()}</strong>
        </p>
      ) : (
        <AddressField papers={papers} error={wrong("email")} />
      )}
      <CodeField
        label={t("signin.code")}
        value={code}
        onInput={setCode}
        onComplete={(given) => known && void verify(given)}
        error={wrong("code")}
        autoFocus={known}
      />
      <Complaint asking={asking} />
      <Button
        type="submit"
        size="large"
        wide
        busy={asking.busy}
        disabled={code.length < 6 || email.trim() === "" || asking.wait > 0}
      >
        {t("signin.code.action")}
      </Button>
      <p class="small soft">{t("signin.code.hint")}</p>
      <div class="signin-links">
        <Resend send={() => resend(email.trim())} disabled={email.trim() === ""} sent={known} />
        <Button kind="quiet" onClick={() => go("signup", { replace: true })}>
          {t("signin.code.other")}
        </Button>
      </div>
    </form>
  );
}
