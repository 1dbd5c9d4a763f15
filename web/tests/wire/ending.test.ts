import { expect, it } from "vitest";
import { backoff } from "../../src/wire/backoff";
import { endingOf, failureOf } from "../../src/wire/ending";

it.each(["transport close", "transport error", "ping timeout", "forced close"])(
  "after %s the line comes back by itself",
  (reason) => {
    expect(endingOf(reason, null)).toEqual({ next: "again", wait: 0 });
  },
);

it("what the server said last tells what its hanging up means", () => {
  const hangUp = "io server disconnect";
  expect(endingOf(hangUp, "replaced").next).toBe("elsewhere");
  expect(endingOf(hangUp, "tokenExpired").next).toBe("renew");
  expect(endingOf(hangUp, { sanction: "ban", until: null })).toMatchObject({ code: "account_banned" });
  expect(endingOf(hangUp, { sanction: "suspension", until: "2030" })).toMatchObject({
    code: "account_suspended",
    until: "2030",
  });
  expect(endingOf(hangUp, null)).toMatchObject({ next: "refused", code: "ended" });
});

it("a network that comes back does not make a word of the server's forgotten", () => {
  expect(endingOf("transport close", "replaced").next).toBe("again");
});

const refusal = (code: string, more: object = {}): object =>
  Object.assign(new Error("Authentication failed"), { data: { code, ...more } });

it("a token that is over is renewed, any other refusal is told", () => {
  expect(failureOf(refusal("token_expired")).next).toBe("renew");
  expect(failureOf(refusal("account_suspended", { until: "2030" }))).toEqual({
    next: "refused",
    code: "account_suspended",
    message: "Authentication failed",
    until: "2030",
  });
  expect(failureOf(refusal("something_new"))).toMatchObject({ next: "refused", code: "something_new" });
});

it("a server that cannot be reached is tried again, one that is asked too often after a while", () => {
  expect(failureOf(new Error("xhr poll error"))).toEqual({ next: "again", wait: 0 });
  expect(failureOf(Object.assign(new Error("xhr poll error"), { description: 429 }))).toEqual({
    next: "again",
    wait: 2000,
  });
});

it("waits grow, are spread, and never too long", () => {
  expect(backoff(1, 0)).toBeLessThan(backoff(1, 1));
  expect(backoff(1, 1)).toBeLessThan(1000);
  expect(backoff(3, 0.5)).toBeGreaterThan(backoff(2, 0.5));
  expect(backoff(10, 1)).toBeLessThan(2500); // within the time for which a chat is kept
  expect(backoff(11, 0)).toBeGreaterThan(backoff(10, 1));
  expect(backoff(1000, 1)).toBeLessThanOrEqual(12_000);
  expect(backoff(1, 0, 5000)).toBeGreaterThanOrEqual(5000);
});
