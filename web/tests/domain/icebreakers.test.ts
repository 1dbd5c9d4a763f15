import { expect, test } from "vitest";
import { icebreakers, patienceFor, SUGGESTIONS } from "../../src/domain/icebreakers";
import { en } from "../../src/i18n/en";

const keys = (chat: string, round: number, interests: string[] = []): string[] =>
  icebreakers(chat, round, interests).map(({ key }) => key);

test("there are three, and no two are the same", () => {
  for (let round = 0; round < 50; round += 1) expect(new Set(keys("chat", round)).size).toBe(3);
});

test("they stay while one looks at them, and change with the silence", () => {
  expect(keys("chat", 1)).toEqual(keys("chat", 1));
  expect(keys("chat", 1)).not.toEqual(keys("chat", 2));
});

test("what both like comes first, one interest after the other", () => {
  expect(icebreakers("chat", 0, ["chess", "tea"])[0]?.values).toEqual({ interest: "chess" });
  expect(icebreakers("chat", 1, ["chess", "tea"])[0]?.values).toEqual({ interest: "tea" });
});

test("every suggestion has its words", () => {
  const all = Array.from({ length: SUGGESTIONS }, (_, at) => `ice.${at + 1}`);
  expect(all.filter((key) => !(key in en))).toEqual([]);
  expect(`ice.${SUGGESTIONS + 1}` in en).toBe(false);
});

test("help comes sooner where nobody has said a word", () => {
  expect(patienceFor(0)).toBeLessThan(patienceFor(3));
});
