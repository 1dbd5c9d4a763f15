/** What was said. It stays at the newest message, unless somebody has scrolled up to read. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../design";
import { bubbles, DRAWN } from "../domain/bubbles";
import type { Chat } from "../domain/talk";
import { locale, useT } from "../i18n";
import { Said } from "./Said";
import "./MessageList.css";

/** So near to the end, in pixels, one counts as being at the end. */
const AT_END = 48;

export interface MessageListProps {
  chat: Chat;
  onRetry?: ((key: string) => void) | undefined;
  /** What stands above the first message, and below the last one. */
  before?: ComponentChildren;
  after?: ComponentChildren;
}

export function MessageList({ chat, onRetry, before, after }: MessageListProps) {
  const t = useT();
  const [drawn, setDrawn] = useState(DRAWN);
  const list = bubbles(chat.messages, drawn);
  const place = usePlace(chat, drawn);

  return (
    <div class="messages">
      <div
        class="messages-scroll"
        ref={place.box}
        onScroll={place.onScroll}
        role="log"
        aria-live="polite"
        aria-label={t("chat.messages", { name: chat.partnerName })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whatever scrolls has to be reached by keyboard
        tabIndex={0}
      >
        <div class="messages-inner">
          {before}
          {list.hidden > 0 && (
            <button type="button" class="messages-earlier" onClick={() => setDrawn(drawn + DRAWN)}>
              {t("chat.earlier", { count: list.hidden })}
            </button>
          )}
          <ol class="messages-list">
            {list.bubbles.map((bubble) => (
              <Said
                key={bubble.message.clientId ?? bubble.message.key}
                {...bubble}
                name={chat.partnerName}
                locale={locale.get()}
                onRetry={onRetry}
              />
            ))}
          </ol>
          {after}
        </div>
      </div>
      {place.missed > 0 && (
        <button type="button" class="messages-new" onClick={place.toEnd}>
          <Icon name="down" />
          {t("chat.new", { count: place.missed })}
        </button>
      )}
    </div>
  );
}

/** Where the list is scrolled to, and how many messages came below it. */
function usePlace(chat: Chat, drawn: number) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const before = useRef({ drawn, count: chat.messages.length });
  const [missed, setMissed] = useState(0);

  const toEnd = (): void => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    atEnd.current = true;
    setMissed(0);
  };

  useLayoutEffect(() => {
    const fresh = chat.messages.slice(before.current.count);
    if (drawn !== before.current.drawn && box.current) {
      box.current.scrollTop += box.current.scrollHeight - height.current; // earlier ones came in above
    } else if (atEnd.current || fresh.some((message) => message.mine)) {
      toEnd();
    } else if (fresh.length > 0) {
      setMissed((count) => count + fresh.length);
    }
    before.current = { drawn, count: chat.messages.length };
    height.current = box.current?.scrollHeight ?? 0;
  });

  useLayoutEffect(() => {
    if (!box.current || typeof ResizeObserver === "undefined") return;
    const keep = new ResizeObserver(() => atEnd.current && toEnd()); // a keyboard opens, a window is made smaller
    keep.observe(box.current);
    return () => keep.disconnect();
  }, []);

  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
    if (atEnd.current) setMissed(0);
  };
  return { box, onScroll, missed, toEnd };
}
