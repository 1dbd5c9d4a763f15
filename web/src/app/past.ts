/**
 * The chat that ended last. Whoever harms others moves on first, and the one who stays behind is looking for somebody
 * again before they can react: so the last chat can still be reported, and its partner blocked.
 */

import type { Talk } from "../domain/talk";
import { createStore, type Store } from "./store";

/** So long the server takes reports and blocks of a chat that is over; in milliseconds. */
export const REACHABLE = 5 * 60_000;

export interface Past {
  chatId: string;
  partnerName: string;
  endedAt: number;
  /** What both shared in it: who moves on at once does not lose it. */
  contact: NonNullable<Talk["chat"]>["keep"]["contact"];
}

export const past: Store<Past | null> = createStore<Past | null>(null);

/** The one that can still be reached at `now`. */
export function reachable(last: Past | null, now: number): Past | null {
  return last !== null && now - last.endedAt < REACHABLE ? last : null;
}

/** Remembers chats as they end, until the function that it returns is called. */
export function rememberChats(talk: Store<Talk>, now: () => number = Date.now): () => void {
  let running: Omit<Past, "endedAt"> | null = null;
  const look = (): void => {
    const { chat, phase, line } = talk.get();
    if (line === "off" && phase === "idle") {
      running = null; // signed out: the next one at this device is somebody else
      past.set(null);
      return;
    }
    const current = phase === "chatting" ? chat : null;
    if (running !== null && current?.id !== running.chatId) past.set({ ...running, endedAt: now() });
    running = current && {
      chatId: current.id,
      partnerName: current.partnerName,
      contact: current.keep.contact,
    };
  };
  look();
  return talk.subscribe(look);
}
