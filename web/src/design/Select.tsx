import type { JSX } from "preact";
import { Field, type FieldProps } from "./Field";
import { Icon } from "./Icon";

export interface Choice<T extends string> {
  value: T;
  label: string;
}

export interface SelectProps<T extends string> extends FieldProps {
  value: T;
  onChange: (value: T) => void;
  options: readonly Choice<T>[];
  disabled?: boolean | undefined;
}

/** One of many. The browser's own list: it is the best one on every phone. */
export function Select<T extends string>(props: SelectProps<T>): JSX.Element {
  const { label, hint, error, value, onChange, options, disabled } = props;
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => (
        <div class="field-box select">
          <select
            {...tied}
            class="field-input select-input"
            value={value}
            disabled={disabled}
            onChange={(event) => onChange(event.currentTarget.value as T)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="down" />
        </div>
      )}
    </Field>
  );
}
