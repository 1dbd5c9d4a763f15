/** What can honestly be said to somebody who waits. */

import type { Talk, Wish } from "./talk";

/** Seconds after which somebody who is alone is told so. */
export const ALONE_AFTER = 30;

export type EstimateKey =
  | "waiting.estimate.unknown"
  | "waiting.estimate.seconds"
  | "waiting.estimate.minute"
  | "waiting.estimate.minutes"
  | "waiting.estimate.long";

/** The estimate in words: nobody believes "17 s", and nobody should. */
export function estimateKey(seconds: number | null): EstimateKey {
  if (seconds === null) return "waiting.estimate.unknown";
  if (seconds <= 10) return "waiting.estimate.seconds";
  if (seconds <= 60) return "waiting.estimate.minute";
  if (seconds <= 300) return "waiting.estimate.minutes";
  return "waiting.estimate.long";
}

/** `only`: nobody else is here at all. `first`: others are here, but nobody who looks for somebody now. */
export type Lonely = "no" | "only" | "first";

export function lonely(talk: Pick<Talk, "online" | "place" | "waitingSince">, now: number): Lonely {
  if (talk.waitingSince === null || now - talk.waitingSince < ALONE_AFTER * 1000) return "no";
  if (talk.online !== null && talk.online <= 1) return "only";
  return talk.place === null || talk.place.position <= 1 ? "first" : "no";
}

/** Whether the wish could be wider. A wish for video holds nobody up: who is left over meets anybody. */
export function isNarrow(wish: Wish): boolean {
  return wish.interests.length > 0 || wish.language !== null;
}

export function widened(wish: Wish): Wish {
  return { ...wish, interests: [], language: null };
}

/** Whole minutes and seconds since `since`. */
export function waited(since: number | null, now: number): { minutes: number; seconds: number } {
  const all = since === null ? 0 : Math.max(0, Math.floor((now - since) / 1000));
  return { minutes: Math.floor(all / 60), seconds: all % 60 };
}
