/** Which messages are drawn, and which of them stand together. */

import type { Message } from "./talk";

/** More than this are drawn only when somebody asks for earlier ones: a long chat stays quick on an old phone. */
export const DRAWN = 200;

/** What one says within this time reads as one breath, in milliseconds. */
const BREATH = 60_000;

export interface Bubble {
  message: Message;
  /** The first and the last of those that stand together; the last one tells the time. */
  first: boolean;
  last: boolean;
  /** Shown on request, or one's own: nothing that a screen reader should read out by itself. */
  quiet: boolean;
}

function together(one: Message | undefined, other: Message | undefined): boolean {
  return one !== undefined && other !== undefined && one.mine === other.mine && other.at - one.at < BREATH;
}

/** The newest `drawn` messages as bubbles, and how many earlier ones are hidden. */
export function bubbles(messages: readonly Message[], drawn = DRAWN): { hidden: number; bubbles: Bubble[] } {
  const hidden = Math.max(0, messages.length - drawn);
  const shown = messages.slice(hidden);
  return {
    hidden,
    bubbles: shown.map((message, index) => ({
      message,
      first: !together(shown[index - 1], message),
      last: !together(message, shown[index + 1]),
      quiet: message.mine || shown.length - index > DRAWN,
    })),
  };
}
