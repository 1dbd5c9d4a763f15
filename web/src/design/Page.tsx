/** What a screen is put together from. */

import type { ComponentChildren, JSX } from "preact";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export interface PageProps {
  title: string;
  /** A sentence under the title. */
  lead?: string | undefined;
  /** Where the arrow beside the title leads; without it there is none. */
  back?: (() => void) | undefined;
  /** `narrow` for forms, `wide` for pictures; between them for reading. */
  width?: "narrow" | "medium" | "wide" | undefined;
  children: ComponentChildren;
}

/** The content of a screen, with the title that a screen reader lands on. */
export function Page({ title, lead, back, width = "medium", children }: PageProps): JSX.Element {
  const t = useT();
  return (
    <main class={`page page-${width}`} id="main">
      <header class="page-head">
        {back && <IconButton icon="back" label={t("design.back")} onClick={back} />}
        <div>
          <h1 class="page-title" tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="page-lead">{lead}</p>}
        </div>
      </header>
      <div class="page-body">{children}</div>
    </main>
  );
}

export interface CardProps {
  title?: string | undefined;
  icon?: IconName | undefined;
  /** Buttons at its end. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Card({ title, icon, actions, children }: CardProps): JSX.Element {
  return (
    <section class="card">
      {title && (
        <h2 class="card-title">
          {icon && <Icon name={icon} />}
          {title}
        </h2>
      )}
      {children}
      {actions && <footer class="card-actions">{actions}</footer>}
    </section>
  );
}

export interface EmptyStateProps {
  icon: IconName;
  title: string;
  /** It is the whole screen, and its title the screen's. */
  whole?: boolean | undefined;
  children?: ComponentChildren;
  action?: ComponentChildren;
}

/** Nothing is here yet, and why that is fine. */
export function EmptyState({ icon, title, whole = false, children, action }: EmptyStateProps): JSX.Element {
  const Title = whole ? "h1" : "p";
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} />
      </span>
      <Title class="empty-title">{title}</Title>
      {children && <div class="empty-words">{children}</div>}
      {action}
    </div>
  );
}

/** Lines where text will be in a moment. */
export function Skeleton({ lines = 3 }: { lines?: number }): JSX.Element {
  const t = useT();
  return (
    <div class="skeleton" role="status" aria-label={t("design.busy")}>
      {Array.from({ length: lines }, (_, at) => (
        <span class="skeleton-line" key={at} />
      ))}
    </div>
  );
}

export function Spinner({ label }: { label?: string | undefined }): JSX.Element {
  const t = useT();
  return <span class="spinner" role="img" aria-label={label ?? t("design.busy")} />;
}

export interface MeterProps {
  /** From 0 to 1. */
  value: number;
  label: string;
  showLabel?: boolean | undefined;
}

/** How much of something there is: a level, a share. */
export function Meter({ value, label, showLabel = false }: MeterProps): JSX.Element {
  const share = Math.min(1, Math.max(0, value));
  return (
    <div class="meter">
      <span class={classes("meter-label", !showLabel && "visually-hidden")} aria-hidden="true">
        {label}
      </span>
      <meter class="visually-hidden" aria-label={label} value={share} />
      <div class="meter-track" aria-hidden="true">
        <div class="meter-value" style={{ inlineSize: `${share * 100}%` }} />
      </div>
    </div>
  );
}

export function VisuallyHidden({ children }: { children: ComponentChildren }): JSX.Element {
  return <span class="visually-hidden">{children}</span>;
}
