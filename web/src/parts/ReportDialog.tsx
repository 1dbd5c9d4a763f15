/** Tells the moderators what happened, and can block in the same breath. */

import { useState } from "preact/hooks";
import type { Report } from "../app/talk";
import { Button, Checkbox, Dialog, Notice, TextField } from "../design";
import { pointsIn } from "../domain/draft";
import { useT } from "../i18n";
import "./ReportDialog.css";

const REASONS = [
  "harassment",
  "nudity",
  "minor",
  "spam",
  "threat",
  "other",
] as const satisfies readonly Report["reason"][];
const LONGEST_NOTE = 1000;

export interface ReportDialogProps {
  chatId: string;
  name: string;
  send(report: Report): Promise<boolean>;
  block(chatId: string): Promise<boolean>;
  onClose(): void;
}

type Stage = "asking" | "sending" | "failed" | "done";

export function ReportDialog({ chatId, name, send, block, onClose }: ReportDialogProps) {
  const t = useT();
  const [reason, setReason] = useState<Report["reason"] | null>(null);
  const [note, setNote] = useState("");
  const [evidence, setEvidence] = useState(true);
  const [alsoBlock, setAlsoBlock] = useState(true);
  const [stage, setStage] = useState<Stage>("asking");
  const [blocked, setBlocked] = useState<boolean | null>(null);
  const [unchosen, setUnchosen] = useState(false);
  const tooLong = pointsIn(note) > LONGEST_NOTE;

  const submit = async (): Promise<void> => {
    if (reason === null) return setUnchosen(true);
    if (tooLong) return;
    setStage("sending");
    const sent = await send({ chatId, reason, note: note.trim(), evidence });
    if (sent && alsoBlock) setBlocked(await block(chatId));
    setStage(sent ? "done" : "failed");
  };

  if (stage === "done") {
    return (
      <Dialog
        open
        title={t("report.thanks")}
        onClose={onClose}
        actions={
          <Button kind="primary" onClick={onClose}>
            {t("report.close")}
          </Button>
        }
      >
        <p>{t("report.done")}</p>
        {blocked === true && <p>{t("report.blocked", { name })}</p>}
        {blocked === false && <Notice kind="bad">{t("block.failed")}</Notice>}
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      title={t("report.title", { name })}
      onClose={onClose}
      actions={
        <>
          <Button kind="quiet" onClick={onClose}>
            {t("report.cancel")}
          </Button>
          <Button kind="danger" busy={stage === "sending"} onClick={() => void submit()}>
            {t("report.send")}
          </Button>
        </>
      }
    >
      <fieldset class="report-reasons" aria-describedby={unchosen ? "report-unchosen" : undefined}>
        <legend>{t("report.why")}</legend>
        {REASONS.map((one) => (
          <label key={one} class="report-reason">
            <input
              type="radio"
              name="report-reason"
              value={one}
              checked={reason === one}
              onChange={() => {
                setReason(one);
                setUnchosen(false);
              }}
            />
            <span>{t(`report.reason.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      {unchosen && (
        <p id="report-unchosen" class="report-trouble" role="alert">
          {t("report.choose")}
        </p>
      )}
      <TextField
        label={t("report.note")}
        hint={t("report.note.hint")}
        rows={3}
        value={note}
        onInput={setNote}
        error={tooLong ? t("report.long", { count: LONGEST_NOTE }) : null}
      />
      <Checkbox label={t("report.evidence")} checked={evidence} onChange={setEvidence} />
      <Checkbox label={t("report.block", { name })} checked={alsoBlock} onChange={setAlsoBlock} />
      <p class="report-next">{t("report.next", { name })}</p>
      {stage === "failed" && <Notice kind="bad">{t("report.failed")}</Notice>}
    </Dialog>
  );
}
