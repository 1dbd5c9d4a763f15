/** Where a message is written. Enter sends, Shift and Enter begin a new line, and an unfinished word is never sent. */

import type { JSX, Ref } from "preact";
import { useImperativeHandle, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../design";
import { weigh } from "../domain/draft";
import { useT } from "../i18n";
import "./Composer.css";

export interface ComposerHandle {
  /** Puts a suggestion where one can still change it. */
  suggest(text: string): void;
  focus(): void;
}

export interface ComposerProps {
  partnerName: string;
  /** Why nothing can be written now, in words; null when it can. */
  closed: string | null;
  onSay(text: string): void;
  /** Called with every change; how often the partner is told is for others to say. */
  onTyping(on: boolean): void;
  handle?: Ref<ComposerHandle>;
}

export function Composer({ partnerName, closed, onSay, onTyping, handle }: ComposerProps) {
  const t = useT();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const draft = weigh(text);
  const tooLong = draft.left !== null && draft.left < 0;

  const change = (next: string): void => {
    setText(next);
    onTyping(next.trim() !== "");
  };
  const send = (): void => {
    if (!draft.canSend) return;
    onSay(draft.text);
    setText("");
    field.current?.focus(); // the keyboard of a phone stays open
  };
  useImperativeHandle(handle ?? null, () => ({
    suggest(suggestion) {
      change(suggestion);
      field.current?.focus();
    },
    focus: () => field.current?.focus(),
  }));
  useLayoutEffect(() => grow(field.current), [text]);

  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // 229: some browsers end a composition with an Enter that no longer says that it belongs to one.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  if (closed !== null) return <p class="composer composer-closed">{closed}</p>;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        class="composer-field"
        rows={1}
        value={text}
        dir="auto"
        enterkeyhint="send"
        autocomplete="off"
        aria-label={t("chat.write", { name: partnerName })}
        placeholder={t("chat.placeholder")}
        aria-invalid={tooLong}
        {...(draft.left !== null && { "aria-describedby": "composer-left" })}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => onTyping(false)}
      />
      {draft.left !== null && (
        <p id="composer-left" class={tooLong ? "composer-left composer-over" : "composer-left"} role="status">
          {tooLong ? t("chat.over", { count: -draft.left }) : t("chat.room", { count: draft.left })}
        </p>
      )}
      <IconButton
        icon="send"
        label={t("chat.send")}
        look={draft.canSend ? "primary" : "quiet"}
        onClick={send}
      />
    </form>
  );
}

/** As high as its text; the style sheet says how high at most. */
function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
