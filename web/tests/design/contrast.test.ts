/** Every pair of colours that may meet on the page can be read: WCAG 2.2, level AA. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const TOKENS = readFileSync("src/design/tokens.css", "utf8");
const TEXT = 4.5;
const SHAPES = 3; // edges of controls, icons, rings of focus

type Palette = Map<string, string>;

function block(selector: string): Palette {
  const from = TOKENS.indexOf(`${selector} {`);
  if (from < 0) throw new Error(`tokens.css has no ${selector}`);
  const body = TOKENS.slice(from, TOKENS.indexOf("}", from));
  return new Map(
    [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((found) => [found[1] ?? "", found[2] ?? ""]),
  );
}

const light = block(":root");
const dark = block(':root[data-theme="dark"]');
const darkByDevice = block(':root:not([data-theme="light"])');

function luminance(colour: string): number {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  if (!parts) throw new Error(`no plain colour: ${colour}`);
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((part) => {
    const share = Number.parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [brighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (brighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ["ground", "surface", "raised", "sunken"];
const INKS = ["ink", "ink-soft", "accent-ink", "danger-ink"];
const WASHES = ["accent", "warm", "info", "good", "warn", "bad"];

const words: [string, string][] = [
  ...GROUNDS.flatMap((ground) => INKS.map((ink): [string, string] => [ink, ground])),
  ...WASHES.map((wash): [string, string] => [`on-${wash}-wash`, `${wash}-wash`]),
  ...WASHES.map((wash): [string, string] => ["ink", `${wash}-wash`]),
  ...["accent", "warm", "danger"].flatMap((fill): [string, string][] => [
    [`on-${fill}`, fill],
    [`on-${fill}`, `${fill}-strong`],
  ]),
  ...["mine", "theirs"].flatMap((side): [string, string][] => [
    [`on-${side}`, side],
    [`on-${side}-soft`, side],
  ]),
];
const shapes: [string, string][] = [
  ...GROUNDS.map((ground): [string, string] => ["focus", ground]),
  ...GROUNDS.map((ground): [string, string] => ["edge", ground]),
  ...GROUNDS.map((ground): [string, string] => ["accent", ground]),
  ["accent", "accent-wash"],
];

describe.each([
  ["light", light],
  ["dark", dark],
])("in the %s theme", (_, palette) => {
  const colour = (name: string): string => palette.get(name) ?? light.get(name) ?? "";

  test.each(words)("--%s can be read on --%s", (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(TEXT);
  });
  test.each(shapes)("--%s can be seen on --%s", (shape, ground) => {
    expect(contrast(colour(shape), colour(ground))).toBeGreaterThanOrEqual(SHAPES);
  });
  test("what stands on the stage can be read", () => {
    expect(contrast(colour("on-stage"), colour("stage"))).toBeGreaterThanOrEqual(TEXT);
  });
});

test("dark is the same whether the device or the person wants it", () => {
  expect(darkByDevice).toEqual(dark);
});

test("every colour has its dark side", () => {
  const lightColours = [...light.keys()].slice(0, [...light.keys()].indexOf("stage"));
  expect([...dark.keys()]).toEqual(lightColours);
});
