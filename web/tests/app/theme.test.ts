import { afterEach, beforeEach, expect, test } from "vitest";
import { setTheme, theme } from "../../src/app/theme";

const frame = (): (string | null)[] =>
  [...document.querySelectorAll("meta[name=theme-color]")].map((meta) => meta.getAttribute("content"));

beforeEach(() => {
  document.head.innerHTML = `
    <meta name="theme-color" content="white" media="(prefers-color-scheme: light)">
    <meta name="theme-color" content="black" media="(prefers-color-scheme: dark)">
    <style>:root { --ground: green }</style>`;
});
afterEach(() => setTheme("auto"));

test("a choice is shown, kept, and followed by the browser's bars", () => {
  setTheme("dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("meetmates.theme")).toBe("dark");
  expect(frame()).toEqual(["green", "green"]);
  expect(theme.get()).toBe("dark");
});

test("leaving it to the device takes everything back", () => {
  setTheme("light");
  setTheme("auto");
  expect(document.documentElement.dataset.theme).toBeUndefined();
  expect(localStorage.getItem("meetmates.theme")).toBeNull();
  expect(frame()).toEqual(["white", "black"]);
});
