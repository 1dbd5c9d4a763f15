/** Trouble with the connection, in plain words, and what happens about it. Nothing while all is well. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { navigate } from "../app/router";
import { signOut } from "../app/session";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { Button, Notice, Spinner } from "../design";
import type { Line, Refusal } from "../domain/talk";
import { troubleOf } from "../domain/troubles";
import { type Key, locale, useT } from "../i18n";
import { Link } from "./Link";
import { momentOf } from "./moment";
import "./ConnectionBanner.css";

/** A connection that is there before this, in milliseconds, is not worth a word. */
const WORTH_A_WORD = 800;

export function ConnectionBanner({ talk }: { talk: TalkController }) {
  const line = useSettled(useStore(talk.state, (now) => now.line));
  const refusal = useStore(talk.state, (now) => now.refusal);
  const reason = useStore(talk.state, (now) => now.sanction?.reason ?? null);
  const chatting = useStore(talk.state, (now) => now.phase === "chatting");
  return (
    <div class="line" role="status">
      {(line === "connecting" || line === "reconnecting") && <Waiting line={line} chatting={chatting} />}
      {line === "elsewhere" && <Elsewhere onUse={() => talk.connect()} />}
      {line === "refused" && <Refused refusal={refusal} reason={reason} onAgain={() => talk.connect()} />}
    </div>
  );
}

function Waiting({ line, chatting }: { line: "connecting" | "reconnecting"; chatting: boolean }) {
  const t = useT();
  return (
    <p class="line-waiting">
      <Spinner />
      <span>
        {t(line === "connecting" ? "line.connecting" : "line.reconnecting")}
        {line === "reconnecting" && chatting && ` ${t("line.kept")}`}
      </span>
    </p>
  );
}

function Elsewhere({ onUse }: { onUse(): void }) {
  const t = useT();
  return (
    <Notice kind="info" action={<Button onClick={onUse}>{t("line.here")}</Button>}>
      {t("line.elsewhere")}
    </Notice>
  );
}

interface RefusedProps {
  refusal: Refusal | null;
  reason: string | null;
  onAgain(): void;
}

function Refused({ refusal, reason, onAgain }: RefusedProps) {
  const t = useT();
  const trouble = troubleOf(refusal?.code ?? "");
  const ways: Record<string, ComponentChildren> = {
    signin: <Link to="signin">{t("line.signin")}</Link>,
    appeal: <Button onClick={toAppeal}>{t("line.appeal")}</Button>,
    again: <Button onClick={onAgain}>{t("line.again")}</Button>,
  };
  return (
    <Notice kind="bad" action={ways[trouble?.way ?? "again"]}>
      {trouble ? t(trouble.text as Key) : (refusal?.message ?? t("line.refused"))}
      {reason !== null && ` ${t("line.reason", { reason })}`}
      {refusal?.until && ` ${t("sanction.until", { until: momentOf(refusal.until, locale.get()) })}`}
    </Notice>
  );
}

/** Only a sign-in says why, and hands out the one chance to appeal. */
function toAppeal(): void {
  void signOut();
  navigate("signin");
}

/** The line, but `connecting` and `reconnecting` only once they have lasted. */
function useSettled(line: Line): Line {
  const [settled, setSettled] = useState<Line>(line === "connecting" ? "off" : line);
  useEffect(() => {
    const passing = line === "connecting" || line === "reconnecting";
    const timer = setTimeout(() => setSettled(line), passing ? WORTH_A_WORD : 0);
    return () => clearTimeout(timer);
  }, [line]);
  return settled;
}
