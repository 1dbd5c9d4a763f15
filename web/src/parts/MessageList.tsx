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
  const place = usePlace(chat);
  const list = bubbles(chat.messages, chat.messages.length - place.from);

  return (
    <div class="messages">
      <div
        class="messages-scroll"
        ref={place.box}
        onScroll={place.onScroll}
        role="log"
        aria-live="polite"
        aria-label={t("chat.messages", { name: chat.partnerName })}
        tabIndex={0}
      >
        <div class="messages-inner">
          {before}
          {list.hidden > 0 && (
            <button type="button" class="messages-earlier" onClick={place.earlier}>
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

/** Where the list is scrolled to, which message it begins with, and how many came below what is seen. */
function usePlace(chat: Chat) {
  const count = chat.messages.length;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  /** While one reads further up, it begins where it began: nothing moves under one's eyes. */
  const from = useRef(0);
  const last = useRef({ from: 0, count, height: 0 });
  const [missed, setMissed] = useState(0);
  const [, redraw] = useState({});
  if (atEnd.current) from.current = Math.max(0, count - DRAWN);

  const toEnd = (): void => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    atEnd.current = true;
    setMissed(0);
  };
  const earlier = (): void => {
    atEnd.current = false;
    from.current = Math.max(0, from.current - DRAWN);
    redraw({});
  };
  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
    if (atEnd.current) setMissed(0);
  };

  useLayoutEffect(() => {
    const element = box.current;
    const fresh = chat.messages.slice(last.current.count);
    if (element && from.current < last.current.from) {
      element.scrollTop += element.scrollHeight - last.current.height; // earlier ones came in above
    } else if (atEnd.current || fresh.some((message) => message.mine)) {
      toEnd();
    } else if (fresh.length > 0) {
      setMissed((before) => before + fresh.length);
    }
    last.current = { from: from.current, count, height: element?.scrollHeight ?? 0 };
  });
  useLayoutEffect(() => {
    if (!box.current || typeof ResizeObserver === "undefined") return;
    const keep = new ResizeObserver(() => atEnd.current && toEnd()); // a keyboard opens, a window is made smaller
    keep.observe(box.current);
    return () => keep.disconnect();
  }, []);

  return { box, onScroll, missed, toEnd, earlier, from: from.current };
}
