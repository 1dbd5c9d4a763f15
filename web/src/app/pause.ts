/** How long to wait before the next try. */

import type { Problem } from "../api/result";

const FIRST = 1_000;
const LONGEST = 30_000;

/** Milliseconds: as long as the server says, or twice as long each time, a little different for everybody. */
export function waitingTime(tries: number, trouble: Problem, chance: number = Math.random()): number {
  if (trouble.retryAfter !== null) return trouble.retryAfter * 1000 * (1 + chance / 4);
  return Math.min(LONGEST, FIRST * 2 ** (tries - 1)) * (0.75 + chance / 4);
}

/** Waits that long. Without an answer the network may be at fault: then its return ends the wait. */
export function pause(tries: number, trouble: Problem): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, waitingTime(tries, trouble));
    if (trouble.status === 0) window.addEventListener("online", done);
  });
}
