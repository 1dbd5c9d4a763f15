/** Which screen may be shown to whom, and what is shown instead. */

import type { Phase } from "./talk";

/** The names of the screens; the same as in app/routes.ts. */
export type Screen =
  | "welcome"
  | "signin"
  | "start"
  | "devices"
  | "waiting"
  | "chat"
  | "account"
  | "blocked"
  | "help";

export interface Standing {
  who: "out" | "guest" | "in";
  /** Whether one may come in without an account; null while that is not known yet. */
  guests: boolean | null;
  phase: Phase;
}

const MEMBERS_ONLY: readonly Screen[] = ["account", "blocked"];
const FOR_ANYBODY: readonly Screen[] = ["help", "signin", "welcome"];

/** The screen to show; null while it cannot be told. */
export function screenFor(wanted: Screen, { who, guests, phase }: Standing): Screen | null {
  if (who === "out") return FOR_ANYBODY.includes(wanted) ? wanted : door(wanted, guests);
  if (who === "guest" && MEMBERS_ONLY.includes(wanted)) return "signin";
  if (wanted === "welcome" || (wanted === "signin" && who === "in")) return home(phase);
  if (wanted === "waiting" || wanted === "chat") return home(phase);
  return wanted;
}

/** Where somebody comes in who is not here yet. */
function door(wanted: Screen, guests: boolean | null): Screen | null {
  if (MEMBERS_ONLY.includes(wanted)) return "signin";
  if (guests === null) return null;
  return guests ? "welcome" : "signin";
}

/** The screen of what is going on. */
function home(phase: Phase): Screen {
  if (phase === "waiting") return "waiting";
  return phase === "idle" ? "start" : "chat";
}
