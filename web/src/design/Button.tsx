import type { ComponentChildren, JSX } from "preact";
import { useT } from "../i18n";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "small" | "medium" | "large";

export interface ButtonProps {
  /** `primary` at most once on a screen. */
  kind?: ButtonKind | undefined;
  size?: ButtonSize | undefined;
  icon?: IconName | undefined;
  /** Something is under way: the button keeps its place and its focus, and does nothing. */
  busy?: boolean | undefined;
  /** As wide as the room that it has. */
  wide?: boolean | undefined;
  disabled?: boolean | undefined;
  type?: "button" | "submit" | undefined;
  pressed?: boolean | undefined;
  onClick?: ((event: MouseEvent) => void) | undefined;
  children: ComponentChildren;
}

/** The looks of a button, for a link that stands where buttons stand. */
export function buttonClass(kind: ButtonKind = "primary", size: ButtonSize = "medium"): string {
  return `button button-${kind} button-${size}`;
}

export function Button(props: ButtonProps): JSX.Element {
  const {
    kind,
    size,
    icon,
    busy = false,
    wide,
    disabled,
    type = "button",
    pressed,
    onClick,
    children,
  } = props;
  const t = useT();
  const click = (event: MouseEvent): void => {
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type={type}
      class={classes(buttonClass(kind, size), wide && "button-wide", busy && "button-busy")}
      disabled={disabled ?? false}
      aria-disabled={busy || undefined}
      aria-pressed={pressed}
      onClick={click}
    >
      {icon && <Icon name={icon} />}
      <span class="button-text">{children}</span>
      {busy && <span class="button-spinner" role="img" aria-label={t("design.busy")} />}
    </button>
  );
}

export interface IconButtonProps {
  icon: IconName;
  /** What it does; read aloud, and shown when the pointer rests on it. */
  label: string;
  /** For a button that stays down: whether it is. */
  pressed?: boolean | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  size?: ButtonSize | undefined;
  /** `quiet` on the page, `solid` on a picture or a video, `primary` for the one that matters. */
  look?: "quiet" | "solid" | "primary" | undefined;
  type?: "button" | "submit" | undefined;
  onClick?: ((event: MouseEvent) => void) | undefined;
}

export function IconButton(props: IconButtonProps): JSX.Element {
  const {
    icon,
    label,
    pressed,
    danger,
    disabled,
    size = "medium",
    look = "quiet",
    type = "button",
    onClick,
  } = props;
  return (
    <button
      type={type}
      class={classes(
        "icon-button",
        `icon-button-${size}`,
        `icon-button-${look}`,
        danger && "icon-button-danger",
      )}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled ?? false}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
