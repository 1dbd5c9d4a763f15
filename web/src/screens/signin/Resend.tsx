/** Another code, after a while: mails take a moment, and the newest code is the only one that counts. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Result } from "../../api/result";
import { Button, Notice } from "../../design";
import { useT } from "../../i18n";
import { complaint } from "./complaints";
import { clock, useCountdown } from "./form";

/** Seconds between two codes. */
const PAUSE = 45;

interface Props {
  send(): Promise<Result<unknown>>;
  disabled: boolean;
  /** Whether a code was sent just now. */
  sent: boolean;
}

export function Resend({ send, disabled, sent }: Props): JSX.Element {
  const t = useT();
  const [left, wait] = useCountdown();
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ kind: "good" | "warn"; words: string } | null>(null);
  useEffect(() => {
    if (sent) wait(PAUSE);
  }, []);

  const again = async (): Promise<void> => {
    setBusy(true);
    const answer = await send();
    setBusy(false);
    if (answer.ok) {
      setTold({ kind: "good", words: t("signin.resent") });
      wait(PAUSE);
    } else {
      setTold({ kind: "warn", words: t(complaint(answer.problem)) });
      if (answer.problem.retryAfter !== null) wait(answer.problem.retryAfter);
    }
  };

  return (
    <div class="signin-resend">
      {told && <Notice kind={told.kind}>{told.words}</Notice>}
      <Button kind="quiet" icon="mail" busy={busy} disabled={disabled || left > 0} onClick={again}>
        {left > 0 ? t("signin.resend.wait", { time: clock(left) }) : t("signin.resend")}
      </Button>
    </div>
  );
}
