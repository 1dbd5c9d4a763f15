/** One request to the REST API of the page's own server. */

import { bad, good, type Problem, type Result } from "./result";

export type { Problem, Result } from "./result";

export type Method = "GET" | "POST" | "DELETE";

export interface RequestOptions {
  token?: string | null;
  headers?: Record<string, string>;
  /** Goes on while the page is being closed, so that a renewed cookie is not lost. */
  keepalive?: boolean;
  /** Milliseconds until the answer is given up. */
  timeout?: number;
}

const TIMEOUT = 15_000;

/** Asks, and tells what came of it; a request that got no answer has the code `offline`. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Result<T>> {
  const headers = new Headers({ accept: "application/json", ...options.headers });
  if (options.token) headers.set("authorization", `Bearer ${options.token}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  let answer: Response;
  let told: unknown;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      keepalive: options.keepalive ?? false,
      signal: AbortSignal.timeout(options.timeout ?? TIMEOUT),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    told = parsed(await answer.text());
  } catch {
    return bad("offline");
  }
  if (!answer.ok) return { ok: false, problem: refusal(answer, told) };
  if (told === undefined && answer.status !== 204) return bad("offline"); // some other server is in between
  return good(told as T);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(answer: Response, told: unknown): Problem {
  const said = (typeof told === "object" && told !== null ? told : {}) as Record<string, unknown>;
  const text = (name: string): string | null => (typeof said[name] === "string" ? said[name] : null);
  const wait = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
  return {
    status: answer.status,
    code: text("code") ?? (answer.status === 429 ? "too_many" : "failed"),
    detail: text("detail") ?? "",
    retryAfter: Number.isFinite(wait) ? Math.max(1, wait) : null,
    until: text("until"),
    reason: text("reason"),
    appealToken: text("appealToken"),
  };
}
