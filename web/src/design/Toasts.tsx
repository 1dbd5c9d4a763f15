import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { createStore, type Store, useStore } from "../app/store";
import { useT } from "../i18n";
import { Button, IconButton } from "./Button";
import { Icon } from "./Icon";
import { TONE_ICONS, type Tone } from "./Notice";

export interface Toast {
  text: string;
  kind?: Tone | undefined;
  action?: { label: string; onClick: () => void } | undefined;
  /** How long it stays; null until it is closed. */
  seconds?: number | null | undefined;
}

interface Shown extends Toast {
  key: number;
}

const SECONDS = 6; // time to read a sentence twice
const MOST = 3;

export const toasts: Store<readonly Shown[]> = createStore<readonly Shown[]>([]);
let count = 0;

/** Tells something in passing, at the edge of the page. The function that it returns takes it back. */
export function showToast(toast: Toast): () => void {
  const shown = { ...toast, key: ++count };
  toasts.update((all) => [...all.filter((other) => other.text !== toast.text), shown].slice(-MOST));
  return () => toasts.update((all) => all.filter((other) => other.key !== shown.key));
}

/** Where they appear; once in a page. */
export function Toasts(): JSX.Element {
  const all = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {all.map((toast) => (
        <OneToast key={toast.key} toast={toast} />
      ))}
    </div>
  );
}

function OneToast({ toast }: { toast: Shown }): JSX.Element {
  const t = useT();
  const { kind = "info", action, seconds = SECONDS } = toast;
  const close = (): void => toasts.update((all) => all.filter((other) => other.key !== toast.key));
  useEffect(() => {
    if (seconds === null) return;
    const timer = setTimeout(close, seconds * 1000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={`toast toast-${kind}`}>
      <Icon name={TONE_ICONS[kind]} />
      <span class="toast-words">{toast.text}</span>
      {action && (
        <Button
          kind="quiet"
          size="small"
          onClick={() => {
            close();
            action.onClick();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" size="small" label={t("design.close")} onClick={close} />
    </div>
  );
}
