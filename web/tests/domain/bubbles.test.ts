import { expect, test } from "vitest";
import { bubbles, DRAWN } from "../../src/domain/bubbles";
import type { Message } from "../../src/domain/talk";

function message(seq: number, mine: boolean, at: number): Message {
  return {
    key: `m${seq}`,
    mine,
    text: "hello",
    at,
    delivery: mine ? "sent" : "received",
    seq,
    clientId: null,
  };
}

function many(count: number): Message[] {
  return Array.from({ length: count }, (_, at) => message(at, false, at));
}

test("what one person says within a minute stands together", () => {
  const shown = bubbles([message(1, true, 0), message(2, true, 30_000), message(3, false, 31_000)]).bubbles;
  expect(shown.map(({ first, last }) => [first, last])).toEqual([
    [true, false],
    [false, true],
    [true, true],
  ]);
});

test("what is said after a pause begins anew", () => {
  const shown = bubbles([message(1, true, 0), message(2, true, 61_000)]).bubbles;
  expect(shown.every(({ first, last }) => first && last)).toBe(true);
});

test("one's own words are not read out", () => {
  const shown = bubbles([message(1, true, 0), message(2, false, 0)]).bubbles;
  expect(shown.map(({ quiet }) => quiet)).toEqual([true, false]);
});

test("of a long chat the newest are drawn, and the others counted", () => {
  const { hidden, bubbles: shown } = bubbles(many(DRAWN + 50));
  expect([hidden, shown.length, shown[0]?.message.key]).toEqual([50, DRAWN, "m50"]);
});

test("earlier ones that are asked for are not read out", () => {
  const { hidden, bubbles: shown } = bubbles(many(DRAWN + 50), 2 * DRAWN);
  expect([hidden, shown.filter(({ quiet }) => quiet).length]).toEqual([0, 50]);
});
