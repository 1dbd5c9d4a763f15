/** The mark: two who speak, and what they have in common. */

import type { JSX } from "preact";
import { classes } from "./classes";

/** The mark alone. Its name stands beside it or is told elsewhere, so it is passed by. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 64 44" aria-hidden="true">
      <path class="mark-first" d="M1 42V22A20 20 0 1 1 21 42Z" />
      <path class="mark-second" d="M63 42V22A20 20 0 1 0 43 42Z" />
      <path class="mark-both" d="M32 5.300A20 20 0 0 1 32 38.7 20 20 0 0 1 32 5.300Z" />
    </svg>
  );
}

/** Mark and name. */
export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <Mark />
      <span class="brand-name" translate={false}>
        MeetMates
      </span>
    </span>
  );
}

export interface PairProps {
  /** `searching`: they look for each other. `met`: they have found each other. */
  state: "apart" | "searching" | "met";
  size?: "medium" | "large" | undefined;
}

/** The two of the mark as a picture: they look about, come near, and meet. */
export function Pair({ state, size = "medium" }: PairProps): JSX.Element {
  return (
    <svg class={classes("pair", `pair-${state}`, `pair-${size}`)} viewBox="0 0 128 68" aria-hidden="true">
      <g class="pair-first">
        <path class="mark-first" d="M14 60V34A26 26 0 1 1 40 60Z" />
        <g class="pair-eyes">
          <circle cx="36" cy="31" r="3.2" />
          <circle cx="47" cy="31" r="3.2" />
        </g>
      </g>
      <g class="pair-second">
        <path class="mark-second" d="M114 60V34A26 26 0 1 0 88 60Z" />
        <g class="pair-eyes">
          <circle cx="81" cy="31" r="3.2" />
          <circle cx="92" cy="31" r="3.2" />
        </g>
      </g>
      <path class="mark-both" d="M64 17.400A26 26 0 0 1 64 50.6 26 26 0 0 1 64 17.400Z" />
    </svg>
  );
}
