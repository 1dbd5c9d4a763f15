import type { ComponentChildren, JSX } from "preact";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import { Icon, type IconName } from "./Icon";

export type Tone = "info" | "good" | "warn" | "bad";

export const TONE_ICONS: Record<Tone, IconName> = {
  info: "info",
  good: "check",
  warn: "warning",
  bad: "warning",
};

export interface NoticeProps {
  kind: Tone;
  children: ComponentChildren;
  /** A button or a link at its end. */
  action?: ComponentChildren;
  onClose?: (() => void) | undefined;
}

/** Something that the person should know, where it matters. What went wrong is read aloud at once. */
export function Notice({ kind, children, action, onClose }: NoticeProps): JSX.Element {
  const t = useT();
  return (
    <div class={`notice notice-${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon name={TONE_ICONS[kind]} />
      <div class="notice-words">{children}</div>
      {action && <div class="notice-action">{action}</div>}
      {onClose && <IconButton icon="close" size="small" label={t("design.close")} onClick={onClose} />}
    </div>
  );
}
