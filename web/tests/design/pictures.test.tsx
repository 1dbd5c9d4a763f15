import { expect, test } from "vitest";
import { Avatar, drawing } from "../../src/design";
import { draw, find } from "./drawn";

const NAMES = Array.from({ length: 500 }, (_, at) => `Guest ${at}`);

test("a name has always the same picture", () => {
  expect(drawing("Quiet Otter")).toEqual(drawing("Quiet Otter"));
});

test("names that differ in one letter have different pictures, mostly", () => {
  expect(new Set(NAMES.map((name) => JSON.stringify(drawing(name)))).size).toBeGreaterThan(490);
});

test("no two of a picture's colours are the same, and all are of the palette", () => {
  for (const { ground, shapes } of NAMES.map(drawing)) {
    const colours = [ground, ...shapes.map(({ colour }) => colour)];
    expect(new Set(colours).size).toBe(3);
    expect(colours.every((colour) => colour >= 1 && colour <= 6)).toBe(true);
  }
});

test("every colour is used as ground", () => {
  expect(new Set(NAMES.map((name) => drawing(name).ground)).size).toBe(6);
});

test("names in any script, and none, can be drawn", () => {
  for (const name of ["", "आशा", "🙂", "a".repeat(500)]) draw(<Avatar name={name} />);
});

test("a picture is passed by unless it has something to say", () => {
  draw(<Avatar name="Asha" />);
  expect(find(".avatar").hasAttribute("role")).toBe(false);
  draw(<Avatar name="Asha" label="Asha" />);
  expect(find("[role=img]").getAttribute("aria-label")).toBe("Asha");
});
