/** What somebody looked for last, kept in this browser; and whether their devices were tried before. */

import { NO_WISH, tidy, wishFrom } from "../domain/interests";
import type { Wish } from "../domain/talk";
import { createStore, type Store } from "./store";

const KEY = "meetmates.wish";

function read(): Wish {
  try {
    return wishFrom(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    return NO_WISH; // nothing may be kept here, or it is damaged
  }
}

export const wish: Store<Wish> = createStore<Wish>(read());

export function setWish(change: Partial<Wish>): void {
  const next = { ...wish.get(), ...change };
  wish.set({ ...next, interests: tidy(next.interests) });
  try {
    localStorage.setItem(KEY, JSON.stringify(wish.get()));
  } catch {
    // it is remembered until the page is closed
  }
}

const TRIED = "meetmates.devices";

/** Whether camera and microphone were looked at here before: the first time, that comes before the first call. */
export function devicesTried(): boolean {
  try {
    return localStorage.getItem(TRIED) === "tried";
  } catch {
    return triedNow;
  }
}

let triedNow = false;

export function markDevicesTried(): void {
  triedNow = true;
  try {
    localStorage.setItem(TRIED, "tried");
  } catch {
    // it holds until the page is closed
  }
}
