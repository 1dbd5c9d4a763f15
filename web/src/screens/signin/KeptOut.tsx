/** Somebody is suspended or banned: why, until when, and how they ask a moderator to look again. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Problem } from "../../api/result";
import { appeal } from "../../app/session";
import { useStore } from "../../app/store";
import { Button, Card, Notice, Page, TextField } from "../../design";
import { locale, useT } from "../../i18n";
import { Complaint } from "./Complaint";
import { useAsking } from "./form";

const LONGEST = 4_000;

interface Props {
  problem: Problem;
  /** Whether it was told without a new sign-in: then one may still appeal, but not from here. */
  stale: boolean;
  onBack: () => void;
}

export function KeptOut({ problem, stale, onBack }: Props): JSX.Element {
  const t = useT();
  const language = useStore(locale);
  const { until, reason, appealToken } = problem;
  const end = until && new Date(until).toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
  return (
    <Page title={t(until ? "signin.out.suspended" : "signin.out.banned")} width="narrow" back={onBack}>
      <Card>
        <p>{end ? t("signin.out.until", { end }) : t("signin.out.forGood")}</p>
        {reason && (
          <div>
            <p class="small soft">{t("signin.out.reason")}</p>
            <blockquote class="signin-reason">{reason}</blockquote>
          </div>
        )}
      </Card>
      {appealToken && <Appeal token={appealToken} />}
      {!appealToken && <p class="soft">{t(stale ? "signin.out.again" : "signin.out.appealed")}</p>}
      {!appealToken && stale && <Button onClick={onBack}>{t("line.signin")}</Button>}
    </Page>
  );
}

function Appeal({ token }: { token: string }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const [text, setText] = useState("");
  const [sent, setSent] = useState(false);
  if (sent) return <Notice kind="good">{t("signin.appeal.sent")}</Notice>;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await asking.ask(() => appeal(token, text.trim()));
    if (answer?.ok) setSent(true);
  };
  return (
    <form class="stack" onSubmit={submit}>
      <h2>{t("signin.appeal.title")}</h2>
      <p class="soft">{t("signin.appeal.lead")}</p>
      <TextField
        label={t("signin.appeal.text")}
        value={text}
        onInput={setText}
        rows={5}
        maxLength={LONGEST}
        hint={t("signin.appeal.once")}
      />
      <Complaint asking={asking} />
      <Button type="submit" wide busy={asking.busy} disabled={text.trim() === "" || asking.wait > 0}>
        {t("signin.appeal.action")}
      </Button>
    </form>
  );
}
