/**
 * How far a call reaches, and when it goes a step down or up: pictures, sound alone, written words.
 *
 * Down quickly, up slowly, and after each fall more slowly still: a call that jumps between two steps is worse than
 * one that stays on the lower.
 */

import type { Quality, Rung } from "./quality";

/** `failed`: an attempt to connect came to nothing. */
export type What = Quality | "failed" | "connected";

export interface Mark {
  at: number;
  what: What;
}

export interface History {
  rung: Rung;
  /** When this step was reached. */
  since: number;
  /** How often pictures had to be given up. */
  falls: number;
  /** The last minutes, oldest first. */
  marks: readonly Mark[];
}

/** Milliseconds. */
export const REMEMBERED = 180_000;
export const POOR_FOR = 8_000;
export const CLIMB_AFTER = 20_000;
export const LONGEST_CLIMB = 160_000;
/** So many failed attempts within `FAILURES.within` cost the picture, and so many the sound as well. Each takes 20 s. */
export const FAILURES = { within: 90_000, audio: 2, text: 4 };

export function beginning(now: number): History {
  return { rung: "video", since: now, falls: 0, marks: [] };
}

/** The history with one thing more, and the step that follows from it. */
export function note(history: History, what: What, now: number): History {
  const marks = [...history.marks.filter((mark) => now - mark.at < REMEMBERED), { at: now, what }];
  const rung = rungOf({ ...history, marks }, now);
  if (rung === history.rung) return { ...history, marks };
  const fell = history.rung === "video" ? 1 : 0;
  // Whoever tries again after having given up starts with a clean sheet.
  return { rung, since: now, falls: history.falls + fell, marks: rung === "text" ? [] : marks };
}

/** The step on which a call belongs. */
export function rungOf(history: History, now: number): Rung {
  const { rung, marks } = history;
  if (rung === "text") return marks.at(-1)?.what === "connected" ? "audio" : "text";
  const failures = marks.filter((mark) => mark.what === "failed" && now - mark.at < FAILURES.within).length;
  if (failures >= FAILURES.text) return "text";
  if (rung === "audio") return steadyFor(history, now, climbAfter(history)) ? "video" : "audio";
  return failures >= FAILURES.audio || poorFor(marks, now) ? "audio" : "video";
}

/** How long sound alone must have gone well before pictures are tried again, in milliseconds. */
export function climbAfter({ falls }: History): number {
  return Math.min(LONGEST_CLIMB, CLIMB_AFTER * 2 ** Math.max(0, falls - 1));
}

/** Poor from one end of the span to the other, and never better in between. */
function poorFor(marks: readonly Mark[], now: number): boolean {
  const from = marks.findLastIndex((mark) => isQuality(mark) && mark.what !== "poor") + 1;
  const first = marks.slice(from).find((mark) => mark.what === "poor");
  return first !== undefined && now - first.at >= POOR_FOR;
}

/** Connected on this step for so long without a poor moment or a failure. */
function steadyFor({ marks, since }: History, now: number, span: number): boolean {
  const from = marks.findLastIndex((mark) => mark.what === "poor" || mark.what === "failed") + 1;
  const first = marks.slice(from).find((mark) => mark.at >= since && isQuality(mark));
  return first !== undefined && now - first.at >= span;
}

/** Not knowing says nothing either way. */
function isQuality(mark: Mark): boolean {
  return mark.what === "good" || mark.what === "fair" || mark.what === "poor";
}
