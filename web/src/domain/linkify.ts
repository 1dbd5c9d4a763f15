/**
 * Finds web addresses in what somebody wrote. Only `http` and `https` become links, and a link always shows the whole
 * address that it leads to: nothing here hides or beautifies one.
 */

export interface Part {
  text: string;
  /** Where it leads; null for plain text. */
  href: string | null;
}

/** Longer ones stay text: no address that one sends to a stranger needs more. */
const LONGEST = 1000;

/** Controls and formats are left out: some of them turn the order of letters around. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”«»\p{Cc}\p{Cf}]+/giu;
/** What ends the sentence around an address, and not the address; in Devanagari, too. */
const SENTENCE = /[.,:;!?'’…।॥*_~]/u;
const PAIRS: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(found);
    if (address.length > LONGEST || !leadsSomewhere(address)) continue;
    if (index > end) parts.push({ text: text.slice(end, index), href: null });
    parts.push({ text: address, href: address });
    end = index + address.length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end), href: null });
  return parts;
}

/** Without the end of a sentence, and without a bracket that closes what was opened before the address. */
function trimmed(found: string): string {
  const open: Record<string, number> = {};
  for (const [closing, opening] of Object.entries(PAIRS))
    open[closing] = count(found, opening) - count(found, closing);
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found[end - 1] as string;
    const unopened = (open[last] ?? 0) < 0;
    if (unopened) open[last] = (open[last] ?? 0) + 1;
    else if (!SENTENCE.test(last)) break;
  }
  return found.slice(0, end);
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

/** A host is there, and nothing before it that passes for one: `https://bank.example@evil.example` stays text. */
function leadsSomewhere(address: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  const { protocol, hostname, username, password } = url;
  return (
    (protocol === "https:" || protocol === "http:") && hostname !== "" && username === "" && password === ""
  );
}
