import { expect, test } from "vitest";
import { estimateKey, isNarrow, lonely, waited, widened } from "../../src/domain/patience";

test.each([
  [null, "waiting.estimate.unknown"],
  [0, "waiting.estimate.seconds"],
  [45, "waiting.estimate.minute"],
  [61, "waiting.estimate.minutes"],
  [3600, "waiting.estimate.long"],
])("%s seconds are told as %s", (seconds, key) => {
  expect(estimateKey(seconds)).toBe(key);
});

const place = { position: 1, estimate: null };

test("nobody is called alone in the first half minute", () => {
  expect(lonely({ online: 1, place, waitingSince: 0 }, 29_000)).toBe("no");
});

test("who is alone here is told so", () => {
  expect(lonely({ online: 1, place, waitingSince: 0 }, 31_000)).toBe("only");
});

test("who is first while others are busy is told so", () => {
  expect(lonely({ online: 12, place, waitingSince: 0 }, 31_000)).toBe("first");
});

test("who has others before them is not alone", () => {
  expect(lonely({ online: 12, place: { position: 4, estimate: 9 }, waitingSince: 0 }, 31_000)).toBe("no");
});

test("a wish is widened in everything but whether one is seen", () => {
  const wish = { withVideo: true, interests: ["tea"], language: "hi" };
  expect(isNarrow(wish)).toBe(true);
  expect(widened(wish)).toEqual({ withVideo: true, interests: [], language: null });
  expect(isNarrow(widened(wish))).toBe(false);
});

test("time is told in minutes and seconds, never below none", () => {
  expect(waited(0, 75_400)).toEqual({ minutes: 1, seconds: 15 });
  expect(waited(5000, 0)).toEqual({ minutes: 0, seconds: 0 });
  expect(waited(null, 9000)).toEqual({ minutes: 0, seconds: 0 });
});
