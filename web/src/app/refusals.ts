/** When the server ends a connection for good, the sign-in may be over, which it does not say: it is looked at again. */

import type { TalkController } from "./talk";

/** Milliseconds: a token that is refused again so soon after it was renewed will be refused for ever. */
const PAUSE = 60_000;

/** Watches, until the function that it returns is called. `recheck` tells whether the sign-in still holds. */
export function startRefusals(
  talk: Pick<TalkController, "state" | "connect">,
  recheck: () => Promise<boolean>,
  now: () => number = Date.now,
): () => void {
  let refused = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    const { line, refusal } = talk.state.get();
    const before = refused;
    refused = line === "refused";
    if (before || !refused || refusal === null) return;
    const holds = await recheck();
    if (!holds || !refusal.code.startsWith("token_") || now() - renewedAt < PAUSE) return;
    renewedAt = now();
    talk.connect();
  };
  return talk.state.subscribe(() => void look());
}
