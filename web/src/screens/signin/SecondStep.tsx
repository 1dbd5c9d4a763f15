/** The second factor of moderators and administrators: six digits of their app, beside the password. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Result } from "../../api/result";
import { Button, CodeField, Notice } from "../../design";
import { useT } from "../../i18n";
import { Complaint } from "./Complaint";
import { useAsking } from "./form";

interface Props {
  /** Whether there is something to sign in with; not after a reload. */
  ready: boolean;
  enter(code: string): Promise<Result<unknown>>;
  onBack(): void;
}

export function SecondStep({ ready, enter, onBack }: Props): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const [code, setCode] = useState("");
  useEffect(() => {
    if (!ready) onBack();
  }, [ready]);
  const send = async (given: string): Promise<void> => {
    if (!ready) return;
    const answer = await asking.ask(() => enter(given));
    if (answer !== null && !answer.ok) setCode("");
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send(code);
  };
  const isWrong = asking.problem?.code === "second_factor";
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <CodeField
        label={t("signin.second")}
        value={code}
        onInput={setCode}
        onComplete={(given) => void send(given)}
        autoFocus
      />
      {isWrong ? <Notice kind="bad">{t("trouble.second")}</Notice> : <Complaint asking={asking} />}
      <Button
        type="submit"
        size="large"
        wide
        busy={asking.busy}
        disabled={code.length < 6 || asking.wait > 0}
      >
        {t("signin.second.action")}
      </Button>
      <p class="small soft">{t("signin.second.hint")}</p>
    </form>
  );
}
