/** What every style sheet of the page keeps to. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const sheets = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".css"))
  .map((file) => ({ file, text: readFileSync(`src/${file}`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "") }));
const others = sheets.filter(({ file }) => !file.endsWith("tokens.css"));

/** Every line of these sheets that has one of these in it. */
function lines(of: typeof sheets, pattern: RegExp): string[] {
  return of.flatMap(({ file, text }) =>
    text
      .split("\n")
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

test("colours are named in tokens.css alone", () => {
  expect(lines(others, /#[0-9a-f]{3,8}\b(?!.*\{)|\b(rgba?|hsla?|oklch)\(/i)).toEqual([]);
});

test("sides are those of the text, not of the screen", () => {
  const sides =
    /(^|[\s{;])((margin|padding|border)-(left|right|top|bottom)|left|right|top|bottom)(-\w+)?\s*:/;
  expect(lines(sheets, sides)).toEqual([]);
  expect(lines(sheets, /(text-align|float|clear):\s*(left|right)/)).toEqual([]);
});

test("every value that is used is defined", () => {
  const all = sheets.map(({ text }) => text).join("\n");
  const defined = new Set([...all.matchAll(/(--[\w-]+)\s*:/g)].map(([, name]) => name));
  const set = new Set(["--visible"]); // by app/viewport.ts
  const used = [...all.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name ?? "");
  expect([...new Set(used)].filter((name) => !defined.has(name) && !set.has(name))).toEqual([]);
});
