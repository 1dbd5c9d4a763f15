/** What every field has around it: its label, a hint, and what is wrong with it. */

import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { classes } from "./classes";
import { Icon } from "./Icon";

export interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
}

/** What ties a control to its label and notes. */
export interface Tied {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

interface Props extends FieldProps {
  class?: string;
  children: (tied: Tied) => ComponentChildren;
}

export function Field({ label, hint, error, class: name, children }: Props): JSX.Element {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={classes("field", error && "field-wrong", name)}>
      <label class="field-label" for={id}>
        {label}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

/** For the one field that a screen is about: the focus goes there as it appears. */
export function useFirstFocus<T extends HTMLElement>(wanted: boolean | undefined): RefObject<T> {
  const control = useRef<T>(null);
  useEffect(() => {
    if (wanted) control.current?.focus();
  }, []);
  return control;
}

/** Read aloud when it appears; the room for it is there before. */
export function FieldError({ id, error }: { id: string; error: string | null | undefined }): JSX.Element {
  return (
    <div class="field-news" aria-live="polite">
      {error && (
        <p class="field-error" id={id}>
          <Icon name="warning" />
          {error}
        </p>
      )}
    </div>
  );
}
