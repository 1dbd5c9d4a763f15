/** A hint on how hard a password is to guess. The server has the last word: it knows the most common ones. */

export const SHORTEST = 10;
export const LONGEST = 256;

export type Strength = "short" | "weak" | "fair" | "strong";

/** Length counts most; what repeats itself or runs in a row counts little. */
export function strength(password: string): Strength {
  const letters = [...password];
  if (letters.length < SHORTEST) return "short";
  const worth = letters.filter((letter, at) => !follows(letter, letters[at - 1], letters[at - 2])).length;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) =>
    kind.test(password),
  ).length;
  const different = new Set(letters.map((letter) => letter.toLowerCase())).size;
  const points = Math.min(worth, different * 2) + (kinds - 1) * 1.5;
  if (points < 10) return "weak";
  return points < 15 ? "fair" : "strong";
}

/** Whether a letter is what one expects after the two before it: the same again, or the next in a row. */
function follows(letter: string, before: string | undefined, earlier: string | undefined): boolean {
  if (before === undefined) return false;
  const step = letter.charCodeAt(0) - before.charCodeAt(0);
  if (step === 0) return true;
  return (
    Math.abs(step) === 1 && earlier !== undefined && before.charCodeAt(0) - earlier.charCodeAt(0) === step
  );
}
