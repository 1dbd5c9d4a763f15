/** A chat has ended: how, and what one can do now. */

import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../app/router";
import { raise } from "../app/safety";
import type { TalkController } from "../app/talk";
import { Button } from "../design";
import type { Chat } from "../domain/talk";
import { type Key, useT } from "../i18n";
import "./ChatOver.css";

export function ChatOver({ chat, talk }: { chat: Chat; talk: TalkController }) {
  const t = useT();
  const name = chat.partnerName;
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []); // the field that had the focus is gone

  const again = (): void => {
    talk.seek(talk.state.get().wish);
    navigate("waiting", { replace: true });
  };
  const away = (): void => {
    talk.closeChat();
    navigate("start", { replace: true });
  };
  return (
    <section class="over" ref={box} tabIndex={-1} aria-label={t("over.title")}>
      <p class="over-how" role="status">
        {t(`over.${chat.end ?? "partner"}` as Key, { name })}
      </p>
      <div class="over-actions">
        <Button kind="primary" size="large" icon="hand" onClick={again}>
          {t("over.again")}
        </Button>
        <Button kind="secondary" size="large" onClick={away}>
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
