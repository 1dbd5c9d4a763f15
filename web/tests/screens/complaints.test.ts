import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problem } from "../../src/api/result";
import { complaint } from "../../src/screens/signin/complaints";

const DOCUMENT = readFileSync(`${import.meta.dirname}/../../../docs/accounts.md`, "utf8");
const CODES = [...DOCUMENT.matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code ?? "");

/** What moderators alone can meet, and what only a fault of the page or the server brings about. */
const NOT_FOR_PEOPLE = [
  "bad_end",
  "reason_length",
  "not_upheld",
  "already_decided",
  "stale_form",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "too_slow",
  "too_large",
  "not_json",
  "ice_key",
  "failed",
];

test("every refusal that a person can meet has words of its own", () => {
  expect(CODES).toContain("wrong_credentials");
  const wordless = CODES.filter((code) => complaint(problem(code)) === "trouble.failed");
  expect(wordless.sort()).toEqual([...NOT_FOR_PEOPLE].sort());
});
