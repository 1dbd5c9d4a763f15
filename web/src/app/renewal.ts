/** Gives the line a new token before its old one ends. */

import type { Line } from "../wire/line";

/**
 * Milliseconds before the first try and each further one. The server asks a minute before the end, which is when the
 * session only just begins to think of its token as old; a token that the line has already is never offered again,
 * since it would be asked for another one at once.
 */
const TRIES = [2000, 3000, 5000, 10_000, 15_000, 20_000] as const;

export interface RenewalParts {
  line: Pick<Line, "ask" | "on">;
  freshToken(): Promise<string | null>;
  wait(milliseconds: number): Promise<void>;
}

export interface Renewal {
  /** The line was opened with this one. */
  held(token: string | null): void;
}

export function createRenewal({ line, freshToken, wait }: RenewalParts): Renewal {
  let known: string | null = null;
  let busy = false;

  const renew = async (): Promise<void> => {
    for (const pause of TRIES) {
      await wait(pause);
      const token = await freshToken();
      if (token === null) return; // signed out meanwhile
      if (token === known) continue;
      const answer = await line.ask("refreshToken", token);
      if (answer.ok) known = token;
      if (answer.ok || answer.code === "offline") return; // a new line has a new token
    }
  };

  line.on("tokenExpiring", () => {
    if (busy) return;
    busy = true;
    void renew().finally(() => {
      busy = false;
    });
  });

  return {
    held(token) {
      known = token;
    },
  };
}
