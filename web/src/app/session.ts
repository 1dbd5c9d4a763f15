/** Who is signed in here. The rules are in `membership.ts`; this is the one that the page uses. */

import { accountsApi } from "../api/accounts";
import { createMembership } from "./membership";
import { pause } from "./pause";
import { browserTabs } from "./tabs";

export type { Block, Config, Device, User } from "../api/accounts";
export type { Problem, Result } from "../api/result";
export type { Session } from "./membership";

const membership = createMembership({
  api: accountsApi(),
  tabs: browserTabs(),
  now: Date.now,
  later(milliseconds, job) {
    const timer = setTimeout(job, milliseconds);
    return () => clearTimeout(timer);
  },
  pause,
});

export const {
  session,
  startSession,
  dismissTrouble,
  signIn,
  signUp,
  verifyEmail,
  resend,
  forgot,
  reset,
  google,
  enterAsGuest,
  signOut,
  signOutEverywhere,
  sessions,
  endSession,
  exportAccount,
  deleteAccount,
  blocks,
  appeal,
  check,
  freshToken,
  onSignedOut,
} = membership;
