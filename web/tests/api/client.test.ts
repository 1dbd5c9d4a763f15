import { afterEach, expect, test, vi } from "vitest";
import { request } from "../../src/api/client";

afterEach(() => vi.unstubAllGlobals());

function answers(answer: () => Response): ReturnType<typeof vi.fn> {
  const asked = vi.fn(async () => answer());
  vi.stubGlobal("fetch", asked);
  return asked;
}

test("a question carries its body as JSON and the token in a header", async () => {
  const asked = answers(() => Response.json({ fine: true }));
  expect(await request("POST", "/api/x", { a: 1 }, { token: "t" })).toEqual({
    ok: true,
    value: { fine: true },
  });
  const [path, init] = asked.mock.calls[0] as [string, RequestInit];
  expect(path).toBe("/api/x");
  expect(init).toMatchObject({ method: "POST", body: '{"a":1}', credentials: "same-origin" });
  expect(Object.fromEntries(init.headers as Headers)).toMatchObject({
    authorization: "Bearer t",
    "content-type": "application/json",
  });
});

test("a question without a body names no type", async () => {
  const asked = answers(() => Response.json({}));
  await request("POST", "/api/x");
  const [, init] = asked.mock.calls[0] as [string, RequestInit];
  expect(new Headers(init.headers).has("content-type")).toBe(false);
  expect(init.body).toBeUndefined();
});

test("a refusal has its code, its reason and how long to wait", async () => {
  const told = {
    code: "sanctioned",
    detail: "No.",
    reason: "Insults",
    until: "2026-02-07T12:00:00.000Z",
    appealToken: "a",
  };
  answers(() => Response.json(told, { status: 403 }));
  expect(await request("GET", "/api/x")).toEqual({
    ok: false,
    problem: { status: 403, retryAfter: null, ...told },
  });
  answers(() => Response.json({ code: "too_many" }, { status: 429, headers: { "retry-after": "0" } }));
  expect(await request("GET", "/api/x")).toMatchObject({ problem: { code: "too_many", retryAfter: 1 } });
});

test("a proxy that answers with a page of its own is a refusal like others", async () => {
  answers(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  expect(await request("GET", "/api/x")).toMatchObject({
    ok: false,
    problem: { status: 502, code: "failed" },
  });
  answers(() => new Response("<h1>Please accept our terms</h1>", { status: 200 }));
  expect(await request("GET", "/api/x")).toMatchObject({
    ok: false,
    problem: { status: 0, code: "offline" },
  });
});

test("no network and no answer in time are told, not thrown", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  expect(await request("GET", "/api/x")).toMatchObject({ ok: false, problem: { code: "offline" } });
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  expect(await request("GET", "/api/x", undefined, { timeout: 1 })).toMatchObject({
    problem: { code: "offline" },
  });
});
