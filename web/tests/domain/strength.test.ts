import { expect, test } from "vitest";
import { strength } from "../../src/domain/strength";

test.each([
  ["", "short"],
  ["nine char", "short"],
  ["aaaaaaaaaaaaaa", "weak"],
  ["1234567890", "weak"],
  ["abcdefghijklm", "weak"],
  ["abcabcabcabc", "weak"],
  ["monsoon rain", "fair"],
  ["correct horse battery", "strong"],
  ["Tr4in!to#Pune2", "strong"],
  ["बारिश में छतरी भूल गए", "strong"],
])("%j is %s", (password, expected) => {
  expect(strength(password)).toBe(expected);
});
