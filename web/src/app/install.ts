/** The page as an app: its service worker, and the browser's offer to install it. */

import { createStore, type Store } from "./store";

/** Not in the DOM's types: only some browsers have it. */
interface InstallOffer extends Event {
  prompt(): Promise<void>;
  readonly userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

/** Whether the browser would install the page now. */
export const installable: Store<boolean> = createStore(false);
let offer: InstallOffer | null = null;

/** Keeps the browser's offer until the person asks for it, and lets the page open without a network. */
export function startInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallOffer;
    installable.set(true);
  });
  addEventListener("appinstalled", forget);
  if (import.meta.env.PROD) register();
}

function register(): void {
  if (!("serviceWorker" in navigator)) return; // old, private, or not served safely
  const ask = (): void => {
    navigator.serviceWorker.register("/sw.js").catch(() => {}); // all works without it; the next visit tries again
  };
  if (document.readyState === "complete") ask();
  else addEventListener("load", ask, { once: true }); // first the page, then what is for later
}

function forget(): void {
  offer = null;
  installable.set(false);
}

/** Asks the person; `true` if they want it. An offer holds for one question. */
export async function install(): Promise<boolean> {
  const asked = offer;
  forget();
  if (!asked) return false;
  await asked.prompt();
  return (await asked.userChoice).outcome === "accepted";
}
