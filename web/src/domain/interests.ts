/** Interests and language of a wish, in the limits that the server has for them. */

import type { Wish } from "./talk";

export const MOST_INTERESTS = 10;
export const LONGEST_INTEREST = 40;

export const NO_WISH: Wish = { withVideo: false, interests: [], language: null };

/** Each once, whatever its capitals, without white space at its ends; what does not fit is left out. */
export function tidy(interests: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const raw of interests) {
    const interest = raw.trim().replace(/\s+/g, " ");
    const same = interest.normalize("NFKC").toLowerCase();
    const points = [...same].length;
    if (points >= 1 && points <= LONGEST_INTEREST && !seen.has(same)) seen.set(same, interest);
  }
  return [...seen.values()].slice(0, MOST_INTERESTS);
}

/** A wish out of what a browser has kept, which may be anything. */
export function wishFrom(kept: unknown): Wish {
  if (typeof kept !== "object" || kept === null) return NO_WISH;
  const { withVideo, interests, language } = kept as Record<string, unknown>;
  const strings = Array.isArray(interests) ? interests.filter((one) => typeof one === "string") : [];
  return {
    withVideo: withVideo === true,
    interests: tidy(strings),
    language:
      typeof language === "string" && /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/.test(language) ? language : null,
  };
}
