import { afterEach, beforeEach, expect, test } from "vitest";
import { type Key, locale, setLocale, t, wanted } from "../../src/i18n";
import { en } from "../../src/i18n/en";
import { hi } from "../../src/i18n/hi";

beforeEach(() => setLocale("en"));
afterEach(() => setLocale("en"));

const keys = Object.keys(en) as (keyof typeof en)[];
const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

test("both languages have the same keys, in the same order", () => {
  expect(Object.keys(hi)).toEqual(keys);
});

test("a text has the same holes in both", () => {
  expect(keys.filter((key) => String(holes(hi[key])) !== String(holes(en[key])))).toEqual([]);
});

test("every key has words in both", () => {
  expect(keys.filter((key) => !en[key].trim() || !hi[key].trim())).toEqual([]);
});

test("Hindi is written in its own letters", () => {
  const latin = keys.filter((key) => !/[\u0900-\u097f]/.test(hi[key].replace(/\{\w+\}/g, "")));
  expect(latin.filter((key) => /[a-z]/i.test(hi[key].replace(/MeetMates|\{\w+\}/g, "")))).toEqual([]);
});

test("what is counted has a form for one and for more", () => {
  for (const key of keys) {
    if (key.endsWith(".one")) expect(keys).toContain(key.replace(/one$/, "other"));
  }
});

test("the number chooses the form, as the language has it", async () => {
  const key = "design.chips.left" as Key;
  expect(t(key, { count: 1 })).toBe(en["design.chips.left.one"].replace("{count}", "1"));
  expect(t(key, { count: 1234 })).toBe(en["design.chips.left.other"].replace("{count}", "1,234"));
  await setLocale("hi");
  expect(t(key, { count: 0 })).toBe(hi["design.chips.left.one"].replace("{count}", "0"));
  expect(t(key, { count: 123456 })).toBe(hi["design.chips.left.other"].replace("{count}", "1,23,456"));
});

test("values are filled in, and a hole without one stays seen", () => {
  expect(t("design.chips.remove", { value: "Tea {x}" })).toBe("Remove Tea {x}");
  expect(t("design.chips.remove")).toBe("Remove {value}");
});

test("the document says which language it is in, and the choice is kept", async () => {
  await setLocale("hi");
  expect(document.documentElement.lang).toBe("hi");
  expect(document.documentElement.dir).toBe("ltr");
  expect(localStorage.getItem("meetmates.locale")).toBe("hi");
  expect(locale.get()).toBe("hi");
});

test("the last language that was asked for is shown", async () => {
  await Promise.all([setLocale("hi"), setLocale("en")]);
  expect(locale.get()).toBe("en");
});

test.each([
  [["hi-IN", "en"], "hi"],
  [["ta", "mr", "EN-gb"], "en"],
  [["fr"], "en"],
  [[], "en"],
])("a browser that wants %j gets %s", (languages, got) => {
  expect(wanted(languages)).toBe(got);
});
