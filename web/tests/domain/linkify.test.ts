import { describe, expect, it } from "vitest";
import { linkify } from "../../src/domain/linkify";

const links = (text: string): (string | null)[] => linkify(text).flatMap(({ href }) => href ?? []);

it("an address in a sentence is a link, and the rest is text", () => {
  expect(linkify("see https://example.org/a?b=c, or not")).toEqual([
    { text: "see ", href: null },
    { text: "https://example.org/a?b=c", href: "https://example.org/a?b=c" },
    { text: ", or not", href: null },
  ]);
});

it("a text without an address is one part", () => {
  expect(linkify("hello")).toEqual([{ text: "hello", href: null }]);
});

it("nothing is added and nothing lost", () => {
  const text = "(https://a.example) «http://b.example/x)» https://c.example... HTTPS://D.EXAMPLE!";
  expect(
    linkify(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
});

it.each([
  ["https://example.org.", "https://example.org"],
  ["https://example.org/?!", "https://example.org/"],
  ["(https://example.org/a)", "https://example.org/a"],
  ["https://example.org/a_(b)", "https://example.org/a_(b)"],
  ["https://example.org/a_(b).", "https://example.org/a_(b)"],
  ["https://example.org/हिन्दी।", "https://example.org/हिन्दी"],
  ["Https://Example.org", "Https://Example.org"],
  ["https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"],
  ["https://bücher.example/", "https://bücher.example/"],
])("%s leads to %s", (text, link) => {
  expect(links(text)).toEqual([link]);
});

describe("no link", () => {
  it.each([
    "javascript:alert(1)",
    "data:text/html,hi",
    "mailto:a@example.org",
    "ftp://example.org",
    "https://",
    "http:// example.org",
    "xhttps://example.org",
    "https://bank.example@evil.example/",
    "https://user:word@example.org/",
    "https://[bad",
    `https://example.org/${"a".repeat(1000)}`,
  ])("%s", (text) => {
    expect(links(text)).toEqual([]);
  });
});

it("an address ends where the order of letters would be turned around", () => {
  expect(links("https://example.org/\u202egpj.exe")).toEqual(["https://example.org/"]);
});
