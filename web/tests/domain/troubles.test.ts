import { expect, test } from "vitest";
import { troubleOf } from "../../src/domain/troubles";
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
