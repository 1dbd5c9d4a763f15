/** Where the parts of the page are made and put together; nothing else makes them. */

import { request } from "../api/client";
import { createLine } from "../wire/line";
import { startAttention } from "./attention";
import { startDoubts } from "./doubts";
import { startGuards } from "./guards";
import { createIceServers } from "./ice";
import { keepDoing } from "./keep";
import { startLeaving } from "./leaving";
import { rememberChats } from "./past";
import { navigate, route, startRouter } from "./router";
import { check, freshToken, session, startSession } from "./session";
import { createTalk, type TalkController } from "./talk";

export { session } from "./session";

const ice = createIceServers({
  ask: (options) => request("GET", "/api/ice-servers", undefined, options),
  freshToken,
  now: Date.now,
});

export const talk: TalkController = createTalk({
  line: createLine,
  async credentials() {
    const token = await freshToken();
    // Somebody who is signed in is never taken for a guest because the network was gone for a moment.
    return token === null && session.get().state !== "guest" ? "trouble" : { token };
  },
  freshToken,
  iceServers: (key) => ice.get(key),
  now: Date.now,
  newId,
  hidden: () => document.hidden || !document.hasFocus(),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
});

/** Starts the page; once. */
export function start(): void {
  startRouter();
  rememberChats(talk.state);
  startAttention(talk.state);
  startLeaving(talk);
  startGuards({ session, talk, route, navigate });
  startDoubts({ session, talk, check });
  keepDoing(talk.state);
  followSession();
  followBrowser();
  startSession();
}

/** The line stands as long as somebody is here, and is another one for somebody else. */
function followSession(): void {
  let who = "";
  const look = (): void => {
    const { state, user } = session.get();
    const now = state === "in" ? `in ${user?.userId}` : state === "guest" ? "guest" : "";
    if (now === who) return;
    if (who !== "") talk.disconnect();
    who = now;
    ice.forget();
    if (now !== "") talk.connect();
  };
  session.subscribe(look);
  look();
}

function followBrowser(): void {
  addEventListener("online", () => talk.hurry());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) talk.hurry();
    if (document.hasFocus()) talk.seen();
  });
  addEventListener("focus", () => talk.seen());
  addEventListener("pagehide", () => talk.sleep());
  addEventListener("pageshow", (event) => {
    if (event.persisted) talk.wake();
  });
  addEventListener("beforeunload", (event) => {
    if (talk.state.get().phase === "chatting") event.preventDefault();
  });
}

/** `crypto.randomUUID` is for secure pages alone, and a server in the house may not be one. */
function newId(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
