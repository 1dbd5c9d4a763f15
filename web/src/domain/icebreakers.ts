/** Something to say when nobody does. */

/** Quiet for so long, in milliseconds: before the first word, and later on. */
export const QUIET_FIRST = 20_000;
export const QUIET_LATER = 60_000;

/** How many suggestions there are: `ice.1` to `ice.24` in the texts. */
export const SUGGESTIONS = 24;
const SHOWN = 3;

export interface Icebreaker {
  key: string;
  values: Record<string, string>;
}

/** Three for this chat and this silence; the same ones when asked again, so that they do not jump about. */
export function icebreakers(chatId: string, round: number, interests: readonly string[]): Icebreaker[] {
  let seed = round * 7919;
  for (const letter of chatId) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;

  const picked: Icebreaker[] = [];
  const interest = interests.length > 0 ? interests[round % interests.length] : undefined;
  if (interest !== undefined) picked.push({ key: `ice.interest.${(seed % 2) + 1}`, values: { interest } });
  // A step that shares no divisor with the number of suggestions never meets the same one twice.
  for (let step = 0; picked.length < SHOWN; step += 1) {
    picked.push({ key: `ice.${((seed + step * 5) % SUGGESTIONS) + 1}`, values: {} });
  }
  return picked;
}

/** How long it may be quiet before help is offered. */
export function patienceFor(messages: number): number {
  return messages === 0 ? QUIET_FIRST : QUIET_LATER;
}
