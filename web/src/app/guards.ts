/** Keeps address and state together: who may see what, and what happens when a search or a chat begins or ends. */

import { type Screen, type Standing, screenFor } from "../domain/guard";
import type { Phase } from "../domain/talk";
import { takeUp } from "./keep";
import type { Session } from "./membership";
import type { navigate } from "./router";
import type { Route } from "./routes";
import { createStore, type Store } from "./store";
import type { TalkController } from "./talk";

export interface GuardParts {
  session: Store<Session>;
  talk: TalkController;
  route: Store<Route>;
  navigate: typeof navigate;
}

/** Whether the present screen may be drawn. */
export const admitted: Store<boolean> = createStore(false);

/** Screens that a search which begins elsewhere does not take away. */
const LEFT_IN_PEACE: readonly Route[] = ["help", "account", "blocked"];

export function startGuards({ session, talk, route, navigate }: GuardParts): () => void {
  const phase = (): Phase => talk.state.get().phase;
  let was = phase();
  let seen: Route = route.get();
  /** Where somebody wanted to go who had to sign in first. */
  let wanted: Route | null = null;
  let fresh = true;
  let inside = false;

  const standing = (): Standing | null => {
    const { state, config } = session.get();
    return state === "loading" ? null : { who: state, guests: config?.guests ?? null, phase: phase() };
  };

  /** After a reload: on with the search, or a word about the chat that ended with it. */
  const pickUp = (): void => {
    fresh = false;
    const doing = takeUp();
    if (doing?.is === "waiting" && route.get() === "waiting") talk.seek(doing.wish);
    if (doing?.is === "chatting") talk.tell({ text: "talk.reloaded" });
  };

  const settle = (): void => {
    const now = standing();
    if (now === null) {
      admitted.set(false);
      return;
    }
    if (fresh && now.who !== "out") pickUp();
    now.phase = phase(); // it may be looking again by now
    const left = inside && now.who === "out";
    inside = now.who !== "out";
    const here = route.get();
    const target = left ? afterwards(here) : (goingOn(here, now.who) ?? screenFor(here as Screen, now));
    if (target !== null && target !== here) {
      if (now.who === "out") wanted ??= here;
      if (left && session.get().trouble === null) wanted = null;
      navigate(target, { replace: true });
    }
    admitted.set(target !== null);
  };

  /** Where somebody stands who was signed out: by their own wish, or because it was ended. */
  const afterwards = (here: Route): Route => {
    if (here === "help") return here;
    return session.get().trouble === null ? "welcome" : "signin";
  };

  /** Whoever has signed in goes on to where they wanted to go. */
  const goingOn = (here: Route, who: Standing["who"]): Route | null => {
    if (wanted === null || who === "out" || (here !== "signin" && here !== "welcome")) return null;
    const target = wanted;
    wanted = null;
    const screen = screenFor(target, { who, guests: null, phase: phase() });
    return screen === "signin" ? null : screen; // a guest wanted what is for members
  };

  const phaseChanged = (): void => {
    const next = phase();
    const before = was;
    if (next === before) return;
    was = next;
    const here = route.get();
    if (next === "chatting") navigate("chat", { replace: here === "waiting" });
    else if (next === "waiting" && !LEFT_IN_PEACE.includes(here))
      navigate("waiting", { replace: here === "chat" });
    else if (before !== "idle" && next === "idle") settle();
  };

  const routeChanged = (): void => {
    const from = seen;
    seen = route.get();
    if (from === "waiting" && seen === "start" && phase() === "waiting") talk.cancel(); // the back button
    if (from === "chat" && seen !== "chat") {
      if (phase() === "chatting") talk.leave();
      if (phase() === "over") talk.closeChat();
    }
    settle();
  };

  const stops = [
    session.subscribe(settle),
    talk.state.subscribe(phaseChanged),
    route.subscribe(routeChanged),
  ];
  settle();
  return () => {
    for (const stop of stops) stop();
  };
}
