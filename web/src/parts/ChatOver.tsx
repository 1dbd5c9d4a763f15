/** A chat has ended: how, and what one can do now. */

import { useEffect, useRef } from "preact/hooks";
import { raise } from "../app/safety";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { Button } from "../design";
import type { Chat } from "../domain/talk";
import { useT } from "../i18n";
import "./ChatOver.css";

export function ChatOver({ chat, talk }: { chat: Chat; talk: TalkController }) {
  const t = useT();
  const name = chat.partnerName;
  const line = useStore(talk.state, (now) => now.line);
  // The banner tells more about these two than who left whom.
  const why = line === "refused" || line === "elsewhere" ? "title" : (chat.end ?? "partner");
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []); // the field that had the focus is gone

  return (
    <section class="over" ref={box} tabIndex={-1} aria-label={t("over.title")}>
      <p class="over-how" role="status">
        {t(`over.${why}`, { name })}
      </p>
      <div class="over-actions">
        <Button
          kind="primary"
          size="large"
          icon="hand"
          disabled={line === "refused"}
          onClick={() => talk.seek(talk.state.get().wish)}
        >
          {t("over.again")}
        </Button>
        <Button kind="secondary" size="large" onClick={() => talk.closeChat()}>
          {t("over.start")}
        </Button>
      </div>
      <div class="over-safety">
        <Button kind="quiet" size="small" icon="flag" onClick={() => raise("report", chat.id, name)}>
          {t("chat.report")}
        </Button>
        <Button kind="quiet" size="small" icon="block" onClick={() => raise("block", chat.id, name)}>
          {t("chat.block")}
        </Button>
      </div>
    </section>
  );
}
