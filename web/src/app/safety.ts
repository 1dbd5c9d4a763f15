/**
 * The dialog in which somebody is reported or blocked. It is kept beside the screens, so that it stays open, with
 * what was written in it, when the other side moves on and the screen changes.
 */

import { createStore, type Store } from "./store";

export interface Concern {
  kind: "report" | "block";
  chatId: string;
  name: string;
}

export const concern: Store<Concern | null> = createStore<Concern | null>(null);

export function raise(kind: Concern["kind"], chatId: string, name: string): void {
  concern.set({ kind, chatId, name });
}
