import { expect, test } from "vitest";
import { holds, troubleOf } from "../../src/domain/troubles";
import { en } from "../../src/i18n/en";

const CODES = [
  "token_missing",
  "token_invalid",
  "token_expired",
  "account_gone",
  "account_banned",
  "account_suspended",
  "ended",
];

test.each(CODES)("%s is told in words of this page", (code) => {
  expect(en).toHaveProperty([troubleOf(code)?.text ?? "nothing"]);
});

test("a code that is new to this page is none of its troubles", () => {
  expect(troubleOf("quite_new")).toBeUndefined();
  expect(troubleOf("constructor")).toBeUndefined();
});

test("a sanction holds until its end, one without an end for good", () => {
  const at = (iso: string): number => Date.parse(iso);
  const mute = { kind: "mute", reason: "", until: "2027-01-01T12:00:00Z" } as const;
  expect(holds(mute, at("2027-01-01T11:59:59Z"))).toBe(true);
  expect(holds(mute, at("2027-01-01T12:00:00Z"))).toBe(false);
  expect(holds({ ...mute, until: null }, at("2099-01-01T00:00:00Z"))).toBe(true);
});
