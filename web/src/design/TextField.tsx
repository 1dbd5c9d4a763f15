import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import { Field, type FieldProps, useFirstFocus } from "./Field";

export interface TextFieldProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "email" | "password" | "search" | "url" | undefined;
  name?: string | undefined;
  autoComplete?: string | undefined;
  placeholder?: string | undefined;
  required?: boolean | undefined;
  disabled?: boolean | undefined;
  inputMode?: "text" | "email" | "numeric" | "url" | "search" | undefined;
  maxLength?: number | undefined;
  minLength?: number | undefined;
  /** More than one makes it a field for several lines. */
  rows?: number | undefined;
  autoFocus?: boolean | undefined;
}

/** One line of text, or several. A password can be shown: typing it twice helps nobody. */
export function TextField(props: TextFieldProps): JSX.Element {
  const {
    label,
    hint,
    error,
    value,
    onInput,
    type = "text",
    rows = 1,
    autoComplete,
    autoFocus,
    ...rest
  } = props;
  const [shown, setShown] = useState(false);
  const input = useFirstFocus<HTMLInputElement & HTMLTextAreaElement>(autoFocus);
  const t = useT();
  const secret = type === "password";
  const plain = type === "email" || secret; // neither is a word of any language
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => {
        const shared = {
          ...tied,
          ...rest,
          ref: input,
          class: "field-input",
          value,
          autocomplete: autoComplete,
          autocapitalize: plain ? ("none" as const) : undefined,
          spellcheck: plain ? false : undefined,
          onInput: (event: JSX.TargetedInputEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
            onInput(event.currentTarget.value),
        };
        if (rows > 1) return <textarea {...shared} rows={rows} />;
        return (
          <div class="field-box">
            <input {...shared} type={secret && shown ? "text" : type} />
            {secret && (
              <IconButton
                icon={shown ? "eyeOff" : "eye"}
                label={t(shown ? "design.password.hide" : "design.password.show")}
                onClick={() => setShown(!shown)}
              />
            )}
          </div>
        );
      }}
    </Field>
  );
}
