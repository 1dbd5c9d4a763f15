/**
 * Screens and addresses, over the browser's own history.
 *
 * Each entry of the history knows its place, so that a step back which somebody thinks better of is undone exactly,
 * and twenty chats in a row leave one entry behind and not twenty.
 */

import { ROUTES, type Route } from "./routes";
import { createStore, type Store } from "./store";

type Ask = () => Promise<boolean>;

interface Entry {
  /** Where it stands in this visit, from 0. */
  place: number;
  /** The screen before it, if it was reached from one; not from a step of one, which is no way back to it. */
  from: Route | null;
  /** How far down it was scrolled when it was left, in pixels. */
  scroll: number;
}

const FIRST: Entry = { place: 0, from: null, scroll: 0 };

/** The screen that stands at an address; unknown addresses are the welcome. */
export function routeOf(path: string): Route {
  const plain = path.length > 1 ? path.replace(/\/+$/, "") : path;
  const found = Object.entries(ROUTES).find(([, address]) => address === plain);
  return (found?.[0] as Route | undefined) ?? "welcome";
}

export const route: Store<Route> = createStore<Route>(routeOf(location.pathname));

let here: Entry = entryOf(history.state);
let ask: Ask | null = null;
/** A step through the history that was begun here, and what is to happen when it is done. */
let step: { next: () => void } | null = null;

function entryOf(state: unknown): Entry {
  if (typeof state !== "object" || state === null || !("place" in state)) return FIRST;
  return { ...FIRST, ...(state as Partial<Entry>) };
}

/** How far down the present screen was scrolled when it was left; 0 for a new one. */
export function scrolled(): number {
  return here.scroll;
}

/** Who is asked before the screen is left by a link or by the back button; null when nobody has to be. */
export function leaveGuard(next: Ask | null): void {
  ask = next;
}

/** Goes to a screen without asking. */
export function navigate(to: Route, options: { replace?: boolean } = {}): void {
  if (step !== null) {
    step.next = () => navigate(to, options);
  } else if (to !== route.get()) {
    if (!options.replace) push(to);
    else if (to === here.from && canGoBack())
      walk(-1, () => undefined); // it stands there already
    else replace(to);
    route.set(to);
  }
}

/** Goes to a screen as a link does: whoever guards the present one is asked first. */
export async function follow(to: Route): Promise<void> {
  if (to !== route.get() && (ask === null || (await ask()))) navigate(to);
}

/** Another state of the same screen, as `?step=code`: a place in the history of its own. */
export function pushStep(query: string): void {
  pushEntry(location.pathname + query);
}

function push(to: Route): void {
  pushEntry(ROUTES[to]);
}

function pushEntry(address: string): void {
  const from = location.search === "" ? route.get() : null;
  history.replaceState({ ...here, scroll: Math.round(scrollY) }, "");
  here = { place: here.place + 1, from, scroll: 0 };
  history.pushState(here, "", address);
}

function replace(to: Route): void {
  here = { ...here, scroll: 0 };
  history.replaceState(here, "", ROUTES[to]);
}

/** Whether the entry before is there for sure; older browsers do not tell, and get a second entry of the same screen. */
function canGoBack(): boolean {
  const { navigation } = window as { navigation?: { canGoBack?: boolean } };
  return navigation?.canGoBack === true;
}

/** A step that does not come about, whyever, keeps nobody from going on. */
const PATIENCE = 1000;

function walk(steps: number, next: () => void): void {
  const mine = { next };
  step = mine;
  history.go(steps);
  setTimeout(() => {
    if (step !== mine) return;
    step = null;
    mine.next();
  }, PATIENCE);
}

function popped(state: unknown): void {
  const target = entryOf(state);
  const steps = target.place - here.place;
  if (step !== null) {
    const { next } = step;
    step = null;
    arrive(target);
    next();
  } else if (ask !== null && steps !== 0 && routeOf(location.pathname) !== route.get()) {
    walk(-steps, () => void insist(steps)); // back to where one was, until the answer is there
  } else {
    arrive(target);
  }
}

async function insist(steps: number): Promise<void> {
  if (ask !== null && (await ask())) walk(steps, () => undefined);
}

function arrive(target: Entry): void {
  here = target;
  route.set(routeOf(location.pathname));
}

/** Listens to the browser's back and forward, until the function that it returns is called. */
export function startRouter(): () => void {
  history.scrollRestoration = "manual"; // screens come later than the browser would scroll
  history.replaceState(here, "");
  const onPop = (event: PopStateEvent): void => popped(event.state);
  addEventListener("popstate", onPop);
  return () => removeEventListener("popstate", onPop);
}
