/** What a single sign-on tells the page behind the `#` (docs/accounts.md, "Single sign-on"). */

import { type Problem, problem } from "../api/result";

export interface Arrival {
  signedIn: boolean;
  trouble: Problem | null;
}

/** Null where the hash is of something else. */
export function arrival(hash: string): Arrival | null {
  const told = new URLSearchParams(hash.replace(/^#/, ""));
  if (told.get("signedIn") === "sso") return { signedIn: true, trouble: null };
  const code = told.get("problem");
  if (code === null) return null;
  return {
    signedIn: false,
    trouble: problem(code, {
      status: code === "sanctioned" ? 403 : 400,
      reason: told.get("reason"),
      until: told.get("until"),
      appealToken: told.get("appealToken"),
    }),
  };
}
