import { expect, test } from "vitest";
import { LONGEST, pointsIn, weigh } from "../../src/domain/draft";

test("an emoji is one, whatever it takes to store it", () => {
  expect(pointsIn("a👍🏽é")).toBe([..."a👍🏽é"].length);
  expect(pointsIn("👍".repeat(LONGEST))).toBe(LONGEST);
});

test("half an emoji is counted, and breaks nothing", () => {
  expect(pointsIn("a\ud83d")).toBe(2);
});

test("white space at the ends is not sent, and does not count", () => {
  expect(weigh(`  \n hello  ${" ".repeat(3000)}`)).toEqual({ text: "hello", canSend: true, left: null });
});

test.each(["", "   ", "\n\t"])("nothing is sent where nothing is said: %j", (typed) => {
  expect(weigh(typed).canSend).toBe(false);
});

test("the room that is left is told only near the end", () => {
  expect(weigh("x".repeat(1000)).left).toBeNull();
  expect(weigh("👍".repeat(1990)).left).toBe(10);
});

test("exactly as much as fits can be sent, and one more cannot", () => {
  expect(weigh("x".repeat(LONGEST))).toMatchObject({ canSend: true, left: 0 });
  expect(weigh("x".repeat(LONGEST + 1))).toMatchObject({ canSend: false, left: -1 });
});
