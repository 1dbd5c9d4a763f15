/** Whoever is about to walk out of a running chat is asked once. */

import { leaveGuard } from "./router";
import { createStore, type Store } from "./store";
import type { TalkController } from "./talk";

/** The open question, and who waits for its answer. */
export const question: Store<((yes: boolean) => void) | null> = createStore<((yes: boolean) => void) | null>(
  null,
);

function ask(): Promise<boolean> {
  return new Promise((resolve) => {
    question.get()?.(false);
    question.set((yes) => {
      question.set(null);
      resolve(yes);
    });
  });
}

/** Asks while a chat is running, until the function that it returns is called. */
export function startLeaving(talk: TalkController): () => void {
  const look = (): void => {
    const chatting = talk.state.get().phase === "chatting";
    leaveGuard(chatting ? ask : null);
    if (!chatting) question.get()?.(false); // nothing is left to be asked
  };
  look();
  const stop = talk.state.subscribe(look);
  return () => {
    stop();
    leaveGuard(null);
  };
}
