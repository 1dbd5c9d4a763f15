/** Why a connection ended or did not come about, and what follows from it. */

export type Ending =
  /** It comes back by itself, after `wait` milliseconds at least. */
  | { next: "again"; wait: number }
  /** With a fresh token at once. */
  | { next: "renew" }
  /** Another window took its place. */
  | { next: "elsewhere" }
  | { next: "refused"; code: string; message: string; until: string | null };

/** What the server said before it ended the connection for good. */
export type LastWord = "replaced" | "tokenExpired" | { sanction: string; until: string | null } | null;

/** A connection has ended. `reason` is the official client's. */
export function endingOf(reason: string, said: LastWord): Ending {
  if (reason !== "io server disconnect") return { next: "again", wait: 0 };
  if (said === "replaced") return { next: "elsewhere" };
  if (said === "tokenExpired") return { next: "renew" };
  if (said === null) return refused("ended", "", null);
  const code = said.sanction === "ban" ? "account_banned" : "account_suspended";
  return refused(code, "", said.until);
}

/** A connection was not made. */
export function failureOf(error: unknown): Ending {
  const { message, data, description, context } = (error ?? {}) as Failure;
  if (data?.code === "token_expired") return { next: "renew" };
  if (typeof data?.code === "string") {
    return refused(data.code, message ?? "", typeof data.until === "string" ? data.until : null);
  }
  if (message === "Invalid namespace") return refused("invalid_namespace", message, null);
  return { next: "again", wait: description === 429 ? waitOf(context) : 0 };
}

interface Failure {
  message?: string;
  data?: { code?: unknown; until?: unknown };
  /** The HTTP status, where polling failed. */
  description?: unknown;
  context?: unknown;
}

/** What `Retry-After` asks for; a minute at the most, 2 s where it asks for nothing. */
function waitOf(context: unknown): number {
  const asked =
    context instanceof XMLHttpRequest ? Number(context.getResponseHeader("retry-after")) : Number.NaN;
  return Number.isFinite(asked) && asked > 0 ? Math.min(60, asked) * 1000 : 2000;
}

function refused(code: string, message: string, until: string | null): Ending {
  return { next: "refused", code, message, until };
}
