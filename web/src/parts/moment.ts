/** Date and time of day as the language writes them where the person lives. */

import { regional } from "../i18n";

const clocks = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${options.dateStyle ?? ""}`; // making one costs more than using it a hundred times
  const kept = clocks.get(key) ?? new Intl.DateTimeFormat(regional(locale), options);
  clocks.set(key, kept);
  return kept;
}

export function timeOfDay(at: number, locale: string): string {
  return format(locale, { timeStyle: "short" }).format(at);
}

/** An ISO 8601 time with its day; what is no time is given back as it is. */
export function momentOf(iso: string, locale: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : format(locale, { dateStyle: "medium", timeStyle: "short" }).format(at);
}
