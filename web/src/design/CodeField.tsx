import type { JSX } from "preact";
import { useT } from "../i18n";
import { Field, type FieldProps, useFirstFocus } from "./Field";

export interface CodeFieldProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  /** Called with the code as soon as its last digit is there. */
  onComplete?: ((value: string) => void) | undefined;
  length?: number | undefined;
  disabled?: boolean | undefined;
  autoFocus?: boolean | undefined;
}

/** A code from a mail. One field under drawn boxes: it can be pasted, filled in by a phone, and read aloud as one. */
export function CodeField(props: CodeFieldProps): JSX.Element {
  const { label, hint, error, value, onInput, onComplete, length = 6, disabled, autoFocus } = props;
  const t = useT();
  const input = useFirstFocus<HTMLInputElement>(autoFocus);
  const entered = (text: string): string => digits(text).slice(0, length);
  const take = (event: JSX.TargetedInputEvent<HTMLInputElement>): void => {
    const code = entered(event.currentTarget.value);
    event.currentTarget.value = code; // what was no digit is gone at once, also if the value stays the same
    onInput(code);
    if (code.length === length && code !== value) onComplete?.(code);
  };
  return (
    <Field label={label} hint={hint ?? t("design.code.hint", { count: length })} error={error} class="code">
      {(tied) => (
        <div class="code-boxes">
          <input
            {...tied}
            class="code-input"
            value={value}
            onInput={take}
            disabled={disabled}
            ref={input}
            autocomplete="one-time-code"
            inputMode="numeric"
            spellcheck={false}
          />
          {Array.from({ length }, (_, at) => (
            <span
              class="code-box"
              data-next={at === Math.min(value.length, length - 1)}
              aria-hidden="true"
              key={at}
            >
              {value[at] ?? ""}
            </span>
          ))}
        </div>
      )}
    </Field>
  );
}

/** The digits of a text, those of Devanagari too, in 0 to 9. */
export function digits(text: string): string {
  return text.replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x0966)).replace(/\D/g, "");
}
