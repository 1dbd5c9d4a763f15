/** What a refused connection or a sanction means to the person, and what they can do about it. */

import type { Sanction } from "./talk";

export type Way = "signin" | "appeal" | "again" | "none";

export interface Trouble {
  /** A key of the texts. */
  text: string;
  way: Way;
}

const TROUBLES: Record<string, Trouble> = {
  token_missing: { text: "line.refused.signin", way: "signin" },
  token_invalid: { text: "line.refused.signin", way: "signin" },
  token_expired: { text: "line.refused.expired", way: "signin" },
  signed_out: { text: "line.refused.signedOut", way: "signin" },
  account_gone: { text: "line.refused.gone", way: "signin" },
  account_banned: { text: "line.refused.banned", way: "appeal" },
  banned: { text: "line.refused.banned", way: "appeal" },
  account_suspended: { text: "line.refused.suspended", way: "appeal" },
  suspended: { text: "line.refused.suspended", way: "appeal" },
  abuse: { text: "line.refused.abuse", way: "again" },
  ended: { text: "line.refused.ended", way: "again" },
  replaced: { text: "line.elsewhere", way: "again" },
};

/** Undefined for a code that this page does not know: then the server's own words have to do. */
export function troubleOf(code: string): Trouble | undefined {
  return Object.hasOwn(TROUBLES, code) ? TROUBLES[code] : undefined;
}

/** Whether it still holds. A warning does until it is put aside. */
export function holds(sanction: Sanction, now: number): boolean {
  return sanction.until === null || !(Date.parse(sanction.until) <= now); // what is no time does not end
}
