/** How long a message may be: the server counts code points, so an emoji is one and not two. */

export const LONGEST = 2000;

/** The counter is shown from here on. */
const NEARLY = 1800;

export function pointsIn(text: string): number {
  let points = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) points += 1;
  return points;
}

export interface Draft {
  /** As it is sent: without white space at its ends. */
  text: string;
  canSend: boolean;
  /** Code points that are left, below 0 when there are too many; null while there is plenty of room. */
  left: number | null;
}

export function weigh(typed: string): Draft {
  const text = typed.trim();
  const points = pointsIn(text);
  return {
    text,
    canSend: points > 0 && points <= LONGEST,
    left: points >= NEARLY ? LONGEST - points : null,
  };
}
