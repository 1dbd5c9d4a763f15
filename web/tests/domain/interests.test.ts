import { expect, test } from "vitest";
import { NO_WISH, tidy, wishFrom } from "../../src/domain/interests";

test("an interest counts once, whatever its capitals", () => {
  expect(tidy(["Chess", " chess ", "ＣＨＥＳＳ", "green  tea"])).toEqual(["Chess", "green tea"]);
});

test("what the server would refuse is left out", () => {
  expect(tidy(["", "  ", "x".repeat(41), "👍".repeat(40)])).toEqual(["👍".repeat(40)]);
});

test("ten are enough", () => {
  expect(tidy(Array.from({ length: 12 }, (_, at) => `i${at}`))).toHaveLength(10);
});

test.each([null, 7, "x", [], { interests: "tea" }, { withVideo: "yes", language: 4 }])(
  "whatever a browser has kept becomes a wish: %j",
  (kept) => {
    expect(wishFrom(kept)).toEqual(NO_WISH);
  },
);

test("a sound wish comes back as it was", () => {
  const wish = { withVideo: true, interests: ["tea"], language: "pt-BR" };
  expect(wishFrom(JSON.parse(JSON.stringify(wish)))).toEqual(wish);
});
