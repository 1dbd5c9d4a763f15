/** Where somebody is signed in. Each can be ended, and all of them at once. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Device, endSession, type Problem, sessions, signOutEverywhere } from "../../app/session";
import { useStore } from "../../app/store";
import { Button, Card, Dialog, Icon, Notice, Skeleton, showToast } from "../../design";
import { locale, useT } from "../../i18n";
import { complaint } from "../signin/complaints";
import { ago } from "./times";

export function Devices(): JSX.Element {
  const t = useT();
  const language = useStore(locale);
  const [list, setList] = useState<Device[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ending, setEnding] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);

  const load = async (): Promise<void> => {
    setProblem(null);
    const answer = await sessions();
    if (answer.ok) setList(answer.value);
    else setProblem(answer.problem);
  };
  useEffect(() => void load(), []);

  const end = async ({ id, device }: Device): Promise<void> => {
    setEnding(id);
    const answer = await endSession(id);
    setEnding(null);
    if (answer.ok || answer.problem.code === "not_found") {
      setList((now) => now?.filter((other) => other.id !== id) ?? null);
      showToast({ kind: "good", text: t("account.sessions.ended", { device }) });
    } else setProblem(answer.problem);
  };

  return (
    <Card title={t("account.sessions")} icon="device">
      {problem && (
        <Notice
          kind="bad"
          action={
            <Button kind="quiet" size="small" onClick={load}>
              {t("account.retry")}
            </Button>
          }
        >
          {t(complaint(problem))}
        </Notice>
      )}
      {list === null && problem === null && <Skeleton lines={2} />}
      <ul class="account-devices">
        {list?.map((entry) => (
          <li key={entry.id} class="account-device">
            <Icon name="device" />
            <div class="grow">
              <p>{entry.device}</p>
              <p class="small soft">
                {entry.current
                  ? t("account.sessions.this")
                  : t("account.sessions.used", { when: ago(entry.usedAt, Date.now(), language) })}
              </p>
            </div>
            {!entry.current && (
              <Button
                kind="secondary"
                size="small"
                busy={ending === entry.id}
                onClick={() => void end(entry)}
              >
                {t("account.sessions.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div class="row">
        <Button kind="secondary" icon="signOut" onClick={() => setAsked(true)}>
          {t("account.sessions.all")}
        </Button>
      </div>
      <Everywhere open={asked} onClose={() => setAsked(false)} />
    </Card>
  );
}

function Everywhere({ open, onClose }: { open: boolean; onClose: () => void }): JSX.Element {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const go = async (): Promise<void> => {
    setBusy(true);
    const answer = await signOutEverywhere();
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    showToast({ kind: "good", text: t("account.signedOut") });
  };
  return (
    <Dialog
      open={open}
      title={t("account.sessions.all")}
      onClose={onClose}
      actions={
        <>
          <Button kind="secondary" onClick={onClose}>
            {t("account.delete.keep")}
          </Button>
          <Button busy={busy} onClick={go}>
            {t("account.sessions.all")}
          </Button>
        </>
      }
    >
      <p>{t("account.sessions.all.words")}</p>
      {problem && <Notice kind="bad">{t(complaint(problem))}</Notice>}
    </Dialog>
  );
}
