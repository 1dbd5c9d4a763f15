/** Light or dark: as the device has it, or as the person chose. `public/theme.js` does the same before the first paint. */

import { createStore, type Store } from "./store";

export type Theme = "auto" | "light" | "dark";

export const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const KEPT = "meetmates.theme";

export const theme: Store<Theme> = createStore<Theme>(kept());

function kept(): Theme {
  const told = document.documentElement.dataset.theme;
  return told === "light" || told === "dark" ? told : "auto";
}

/** Changes the colours, and remembers it. */
export function setTheme(next: Theme): void {
  const { dataset } = document.documentElement;
  if (next === "auto") delete dataset.theme;
  else dataset.theme = next;
  try {
    if (next === "auto") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, next);
  } catch {
    // it holds until the page is closed
  }
  theme.set(next);
  paintFrame();
}

/** The browser's own bars follow: what they are told for both of its themes is what the page shows now. */
export function paintFrame(): void {
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset.own ??= meta.content;
    meta.content = theme.get() === "auto" || !ground ? meta.dataset.own : ground;
  }
}
