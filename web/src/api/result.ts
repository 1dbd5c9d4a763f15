/** What came of a request: a value, or why there is none. Nothing here throws. */

export interface Problem {
  /** The HTTP status; 0 when no answer came at all. */
  status: number;
  /** For programs: the server's codes (docs/accounts.md), and `offline` for an answer that never came. */
  code: string;
  detail: string;
  /** Seconds to wait before the next try. */
  retryAfter: number | null;
  /** The end of a suspension, ISO 8601; null for a ban. */
  until: string | null;
  reason: string | null;
  /** Good for one appeal. */
  appealToken: string | null;
}

export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export function good<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function problem(code: string, more: Partial<Problem> = {}): Problem {
  return {
    status: 0,
    code,
    detail: "",
    retryAfter: null,
    until: null,
    reason: null,
    appealToken: null,
    ...more,
  };
}

export function bad<T>(code: string, more: Partial<Problem> = {}): Result<T> {
  return { ok: false, problem: problem(code, more) };
}

/** Whether the same request may well succeed a little later: no network, a server that is starting, too many tries. */
export function isPassing(trouble: Problem): boolean {
  return trouble.status === 0 || trouble.status === 429 || trouble.status >= 500;
}
