/** How long to wait before the next try. */

/** Milliseconds: the first wait, and the longest. Everybody comes back at once after a restart, so waits are spread. */
const FIRST = 400;
const LONGEST = 8000;
/** A chat is kept for some 15 s: the first tries stay close together, so that several of them fall into that time. */
const QUICK_TRIES = 10;
const QUICK = 1500;

/** `tries` that failed so far; `asked`, the milliseconds that a server asked for; `random` from 0 to 1. */
export function backoff(tries: number, random: number, asked = 0): number {
  const growing = Math.min(tries <= QUICK_TRIES ? QUICK : LONGEST, FIRST * 2 ** Math.max(0, tries - 1));
  return Math.round(asked + growing * (0.5 + random));
}
