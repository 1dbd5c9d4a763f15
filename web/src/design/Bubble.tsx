import type { ComponentChildren, JSX } from "preact";
import { classes } from "./classes";

export interface BubbleProps {
  mine: boolean;
  /** The last of a row by the same person: it has the corner that points to them. */
  tail?: boolean | undefined;
  failed?: boolean | undefined;
  /** Under the text: the time, how it fares. */
  meta?: ComponentChildren;
  children: ComponentChildren;
}

/** What somebody said. */
export function Bubble({ mine, tail = true, failed, meta, children }: BubbleProps): JSX.Element {
  return (
    <div
      class={classes(
        "bubble",
        mine ? "bubble-mine" : "bubble-theirs",
        tail && "bubble-tail",
        failed && "bubble-failed",
      )}
    >
      <div class="bubble-text" dir="auto">
        {children}
      </div>
      {meta && <div class="bubble-meta">{meta}</div>}
    </div>
  );
}

/** Three dots while the other person writes. */
export function TypingDots({ label }: { label: string }): JSX.Element {
  return (
    <div class="bubble bubble-theirs bubble-tail typing" role="img" aria-label={label}>
      <span class="typing-dot" />
      <span class="typing-dot" />
      <span class="typing-dot" />
    </div>
  );
}
