/** How long to wait before the next try. */

/** Milliseconds: the first wait, and the longest. Everybody comes back at once after a restart, so waits are spread. */
const FIRST = 400;
const LONGEST = 8000;

/** `tries` that failed so far; `asked`, the milliseconds that a server asked for; `random` from 0 to 1. */
export function backoff(tries: number, random: number, asked = 0): number {
  const growing = Math.min(LONGEST, FIRST * 2 ** Math.max(0, tries - 1));
  return Math.round(asked + growing * (0.5 + random));
}
