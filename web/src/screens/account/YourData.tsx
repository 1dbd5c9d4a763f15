/** What is held about somebody: to look at, to take along, and to delete with the account. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { deleteAccount, exportAccount, type Problem } from "../../app/session";
import { Button, buttonClass, Card, Dialog, Icon, Notice, showToast, TextField } from "../../design";
import { useT } from "../../i18n";
import { Link } from "../../parts/Link";
import { Complaint } from "../signin/Complaint";
import { complaint } from "../signin/complaints";
import { useAsking } from "../signin/form";

const FILE = "meetmates-account.json";

export function YourData({ email }: { email: string }): JSX.Element {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState(false);
  const download = async (): Promise<void> => {
    setBusy(true);
    const answer = await exportAccount();
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    handOver(answer.value);
    showToast({ kind: "good", text: t("account.exported") });
  };
  return (
    <Card title={t("account.data")} icon="shield">
      <p class="soft">{t("account.data.words")}</p>
      {problem && <Notice kind="bad">{t(complaint(problem))}</Notice>}
      <div class="account-buttons">
        <Link to="blocked" class={buttonClass("secondary")}>
          <Icon name="block" />
          <span class="button-text">{t("account.blocks")}</span>
        </Link>
        <Button kind="secondary" icon="download" busy={busy} onClick={download}>
          {t("account.export")}
        </Button>
        <Button kind="secondary" icon="trash" onClick={() => setAsked(true)}>
          {t("account.delete")}
        </Button>
      </div>
      <Dialog open={asked} title={t("account.delete.title")} onClose={() => setAsked(false)}>
        <Delete email={email} onClose={() => setAsked(false)} />
      </Dialog>
    </Card>
  );
}

/** Gives the browser a file to keep. */
function handOver(held: unknown): void {
  const file = new Blob([JSON.stringify(held, null, 2)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = FILE;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // browsers fetch it a little later
}

function Delete({ email, onClose }: { email: string; onClose: () => void }): JSX.Element {
  const t = useT();
  const asking = useAsking();
  const [password, setPassword] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await asking.ask(() => deleteAccount(password === "" ? undefined : password));
    if (!answer?.ok) return;
    showToast({ kind: "good", text: t("account.deleted") });
  };
  const wrong = asking.problem?.code === "wrong_credentials";
  return (
    <form class="stack" onSubmit={submit}>
      <p>{t("account.delete.words")}</p>
      <input
        class="visually-hidden"
        type="email"
        autocomplete="username"
        value={email}
        tabIndex={-1}
        aria-hidden="true"
        readOnly
      />
      <TextField
        label={t("account.delete.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onInput={setPassword}
        hint={t("account.delete.fresh")}
        error={wrong ? t("account.delete.wrong") : undefined}
      />
      {!wrong && <Complaint asking={asking} />}
      <div class="account-dialog-actions">
        <Button kind="secondary" onClick={onClose}>
          {t("account.delete.keep")}
        </Button>
        <Button kind="danger" type="submit" busy={asking.busy} disabled={asking.wait > 0}>
          {t("account.delete.action")}
        </Button>
      </div>
    </form>
  );
}
