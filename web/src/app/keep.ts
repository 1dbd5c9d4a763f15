/** What outlives a reload of this tab: that somebody is looked for, and that a chat was running. */

import { wishFrom } from "../domain/interests";
import type { Talk, Wish } from "../domain/talk";
import type { Store } from "./store";

const KEY = "meetmates.doing";

export type Doing = { is: "waiting"; wish: Wish } | { is: "chatting" } | null;

export function doing({ phase, wish }: Talk): Doing {
  if (phase === "waiting") return { is: "waiting", wish };
  return phase === "chatting" ? { is: "chatting" } : null;
}

/** What this tab was doing before it was loaded; told once. */
export function takeUp(): Doing {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { is?: unknown; wish?: unknown } | null;
    sessionStorage.removeItem(KEY);
    if (kept?.is === "waiting") return { is: "waiting", wish: wishFrom(kept.wish) };
    return kept?.is === "chatting" ? { is: "chatting" } : null;
  } catch {
    return null; // nothing may be kept here, or it is damaged
  }
}

/** Keeps it up to date, until the function that it returns is called. */
export function keepDoing(talk: Store<Talk>): () => void {
  let kept = JSON.stringify(doing(talk.get()));
  const keep = (): void => {
    const now = JSON.stringify(doing(talk.get()));
    if (now === kept) return;
    kept = now;
    try {
      if (now === "null") sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, now);
    } catch {
      // a reload forgets it
    }
  };
  return talk.subscribe(keep);
}
