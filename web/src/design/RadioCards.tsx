import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";
import type { Choice } from "./Select";

export interface CardChoice<T extends string> extends Choice<T> {
  hint?: string | undefined;
  icon?: IconName | undefined;
}

export interface RadioCardsProps<T extends string> {
  /** What is chosen. */
  label: string;
  /** The label is read aloud and not seen. */
  hideLabel?: boolean | undefined;
  value: T;
  onChange: (value: T) => void;
  options: readonly CardChoice<T>[];
  disabled?: boolean | undefined;
}

/** One of a few, with room to say what each means. */
export function RadioCards<T extends string>(props: RadioCardsProps<T>): JSX.Element {
  return <Radios {...props} look="radio-cards" />;
}

/** One of two or three short words. */
export function Segmented<T extends string>(props: RadioCardsProps<T>): JSX.Element {
  return <Radios {...props} look="segmented" />;
}

function Radios<T extends string>(
  props: RadioCardsProps<T> & { look: "radio-cards" | "segmented" },
): JSX.Element {
  const { label, hideLabel, value, onChange, options, disabled, look } = props;
  const name = useId();
  return (
    <fieldset class={look} disabled={disabled}>
      <legend class={classes("field-label", hideLabel && "visually-hidden")}>{label}</legend>
      <div class={`${look}-options`}>
        {options.map((option) => (
          <label key={option.value} class={`${look}-option`}>
            <input
              type="radio"
              class={`${look}-input`}
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.icon && <Icon name={option.icon} />}
            <span class={`${look}-words`}>
              <span class={`${look}-label`}>{option.label}</span>
              {option.hint && <span class="field-hint">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
