import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import { Field, type FieldProps } from "./Field";
import { Icon } from "./Icon";

/** A word that stands for itself: an interest, a language. */
export function Chip({ children }: { children: string }): JSX.Element {
  return <span class="chip">{children}</span>;
}

export interface ChipsInputProps extends FieldProps {
  values: readonly string[];
  onChange: (values: string[]) => void;
  max: number;
  maxLength: number;
  placeholder?: string | undefined;
  /** Words that can be taken with one tap. */
  suggestions?: readonly string[] | undefined;
}

/** That it fills up is told when there is room for so few more. */
const WORTH_A_WORD = 3;

/** A few words of one's own. Enter or a comma ends a word; Backspace in an empty field takes the last one back. */
export function ChipsInput(props: ChipsInputProps): JSX.Element {
  const { label, hint, error, values, onChange, max, maxLength, placeholder, suggestions = [] } = props;
  const t = useT();
  const [draft, setDraft] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const left = max - values.length;

  const add = (text: string): void => {
    const next = withWords(values, text, max, maxLength);
    setDraft("");
    if (next.length !== values.length) onChange(next);
  };
  const remove = (value: string): void => {
    onChange(values.filter((other) => other !== value));
    input.current?.focus();
  };
  const typed = (event: JSX.TargetedInputEvent<HTMLInputElement>): void => {
    const text = event.currentTarget.value;
    if (/[,،\n]/.test(text)) add(text);
    else setDraft(text);
  };
  const pressed = (event: JSX.TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === "Enter" && draft.trim()) {
      event.preventDefault(); // Enter in an empty field sends the form, as ever
      add(draft);
    }
    const last = values.at(-1);
    if (event.key === "Backspace" && !draft && last !== undefined) onChange(values.slice(0, -1));
  };
  const note = left > 0 ? t("design.chips.left", { count: left }) : t("design.chips.full");
  const hints = [hint, left <= WORTH_A_WORD && note].filter(Boolean).join(" ");
  const offered = left > 0 ? suggestions.filter((word) => !has(values, word)) : [];
  return (
    <Field label={label} hint={hints || undefined} error={error} class="chips">
      {(tied) => (
        <>
          <div class="chips-box">
            {values.length > 0 && (
              <ul class="chips-list">
                {values.map((value) => (
                  <li class="chip chip-removable" key={value}>
                    {value}
                    <IconButton
                      icon="close"
                      size="small"
                      label={t("design.chips.remove", { value })}
                      onClick={() => remove(value)}
                    />
                  </li>
                ))}
              </ul>
            )}
            <input
              {...tied}
              ref={input}
              class="chips-input"
              value={draft}
              onInput={typed}
              onKeyDown={pressed}
              onBlur={() => draft.trim() && add(draft)}
              maxLength={maxLength}
              placeholder={left > 0 ? placeholder : undefined}
              readOnly={left <= 0}
              enterkeyhint="done"
              autocomplete="off"
            />
          </div>
          {offered.length > 0 && (
            <div class="chips-offers">
              {offered.map((word) => (
                <button type="button" class="chip chip-offer" key={word} onClick={() => add(word)}>
                  <Icon name="plus" />
                  {word}
                </button>
              ))}
            </div>
          )}
        </>
      )}
    </Field>
  );
}

function has(values: readonly string[], word: string): boolean {
  return values.some((value) => value.toLowerCase() === word.toLowerCase());
}

/** `values` and the words of `text`, each once whatever its capitals, at most `max`. */
export function withWords(values: readonly string[], text: string, max: number, maxLength: number): string[] {
  const next = [...values];
  for (const part of text.split(/[,،\n]/)) {
    const word = [...part.trim().replace(/\s+/g, " ")].slice(0, maxLength).join("");
    if (word && next.length < max && !has(next, word)) next.push(word);
  }
  return next;
}
