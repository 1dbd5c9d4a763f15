import type { JSX } from "preact";
import { useId } from "preact/hooks";

export interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string | undefined;
  disabled?: boolean | undefined;
}

/** Something that is on or off, at once. */
export function Switch(props: SwitchProps): JSX.Element {
  return <Toggle {...props} look="switch" />;
}

/** Something that one agrees to; it counts when the form is sent. */
export function Checkbox(props: SwitchProps): JSX.Element {
  return <Toggle {...props} look="checkbox" />;
}

function Toggle(props: SwitchProps & { look: "switch" | "checkbox" }): JSX.Element {
  const { label, checked, onChange, hint, disabled, look } = props;
  const id = useId();
  return (
    <div class={look}>
      <input
        type="checkbox"
        {...(look === "switch" && { role: "switch" })}
        id={id}
        class={`${look}-input`}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <div class={`${look}-words`}>
        <label for={id}>{label}</label>
        {hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
