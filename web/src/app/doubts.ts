/** Somebody whom the server sent away may have been signed out elsewhere: then they are here, too. */

import { troubleOf } from "../domain/troubles";
import type { Session } from "./membership";
import type { Store } from "./store";
import type { TalkController } from "./talk";

export interface DoubtsParts {
  session: Store<Session>;
  talk: Pick<TalkController, "state">;
  /** Asks whether the sign-in still holds, and ends it where it does not. */
  check(): Promise<unknown>;
}

/** Asks after each refusal that may come of it, until the function that it returns is called. */
export function startDoubts({ session, talk, check }: DoubtsParts): () => void {
  let known = talk.state.get().refusal;
  return talk.state.subscribe(() => {
    const { refusal } = talk.state.get();
    if (refusal === known) return;
    known = refusal;
    if (refusal === null || session.get().state !== "in") return;
    if (refusal.code === "ended" || troubleOf(refusal.code)?.way === "signin") void check();
  });
}
