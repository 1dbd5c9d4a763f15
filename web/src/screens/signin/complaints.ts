/** What went wrong, in plain words. */

import type { Problem } from "../../api/result";
import type { Key } from "../../i18n";

const WORDS: Record<string, Key> = {
  offline: "trouble.offline",
  too_many: "trouble.tooMany",
  bad_address: "trouble.address",
  bad_request: "trouble.address",
  no_campus: "trouble.campus",
  password_short: "trouble.password.short",
  password_long: "trouble.password.long",
  password_common: "trouble.password.common",
  wrong_credentials: "trouble.credentials",
  wrong_code: "trouble.code",
  sign_in_failed: "trouble.signIn",
  second_factor: "trouble.second",
  second_factor_unreadable: "trouble.secondUnreadable",
  foreign_origin: "trouble.origin",
  not_configured: "trouble.notHere",
  no_session: "trouble.session",
  token_invalid: "trouble.session",
  token_expired: "trouble.session",
  token_missing: "trouble.session",
  account_gone: "trouble.gone",
  sign_in_again: "trouble.again",
  wrong_appeal: "trouble.appeal",
  appeal_length: "trouble.appealLength",
  sanction_over: "trouble.sanctionOver",
  sanctioned: "trouble.sanctioned",
};

/** The key of the words for a problem. */
export function complaint(problem: Problem): Key {
  return WORDS[problem.code] ?? "trouble.failed";
}

/** Which field of a form a problem is about; null for the form as a whole. */
export function fieldOf(problem: Problem | null): "email" | "password" | "code" | null {
  if (problem === null) return null;
  if (problem.code === "bad_address" || problem.code === "no_campus") return "email";
  if (problem.code.startsWith("password_")) return "password";
  if (problem.code === "wrong_code") return "code";
  return null;
}
