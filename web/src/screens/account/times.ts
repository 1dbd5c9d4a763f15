/** Times as people say them. */

import { regional } from "../../i18n";

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
  ["week", 7 * 86_400_000],
];

/** `5 minutes ago`, `yesterday`; a date once it is more than four weeks. */
export function ago(at: string, now: number, language: string): string {
  const past = now - Date.parse(at);
  if (Number.isNaN(past)) return "";
  if (past > 28 * 86_400_000) return day(at, language);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const [unit, length] = STEPS.findLast(([, length]) => past >= length) ?? ["second", 60_000];
  return unit === "second" ? words.format(0, "second") : words.format(-Math.floor(past / length), unit);
}

/** `5 January 2026`. */
export function day(at: string, language: string): string {
  return new Date(at).toLocaleDateString(regional(language), { dateStyle: "long" });
}

/** `5 January 2026 at 14:30`. */
export function moment(at: string, language: string): string {
  return new Date(at).toLocaleString(regional(language), { dateStyle: "long", timeStyle: "short" });
}
