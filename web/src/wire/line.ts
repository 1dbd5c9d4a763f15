/**
 * The line to the server: it is opened, it breaks, it comes back by itself, and it says what it is doing.
 *
 * Coming back is done here and not by the official client, because a fresh token has to be there first, because a phone
 * tells when its network is back, and because a server may ask for patience. What was missed meanwhile is the client's
 * and the server's business (connection state recovery): `online` says whether it worked. All of its states share a few
 * variables, which is why they stand in one file.
 */

import { io, type Socket } from "socket.io-client";
import { backoff } from "./backoff";
import { type Ending, endingOf, failureOf, type LastWord } from "./ending";
import type { ClientToServerEvents, Refusal, RefusalCode, ServerToClientEvents } from "./events";

/** A refusal, by the server or by the line itself: `offline`, nothing was sent; `no_answer`, none came in time. */
export type Refused = Omit<Refusal, "code"> & { code: RefusalCode | "offline" | "no_answer" };

export type LineState =
  | { is: "off" | "connecting" | "reconnecting" | "elsewhere" }
  | { is: "online"; id: string; kept: boolean }
  | { is: "refused"; code: string; message: string; until: string | null };

/** Milliseconds until an answer is given up, and until an attempt to connect is. */
const PATIENCE = 10_000;
const ATTEMPT = 15_000;
/** A browser that says it is offline mostly is, but not always; it is tried all the same, in milliseconds. */
const OFFLINE_PAUSE = 3_000;
const TOKEN_TRIES = 2;

type Out = ClientToServerEvents;
type Args<E extends keyof Out> = Required<Parameters<Out[E]>> extends [...infer A, infer _Reply] ? A : never;
type Answer<E extends keyof Out> =
  Required<Parameters<Out[E]>> extends [...infer _A, infer R]
    ? R extends (answer: infer A) => void
      ? A
      : never
    : never;

export interface LineParts {
  /** The server's address; the page's own when left out. */
  url?: string;
  /** A good token, null for a guest; `trouble` when there is none now but there should be. */
  credentials(): Promise<{ token: string | null } | "trouble">;
  changed(state: LineState): void;
  random?: () => number;
}

export interface Line {
  open(): void;
  close(): void;
  /** Something says that the network may be back, or another one: tries soon, or makes sure that the line stands. */
  hurry(): void;
  state(): LineState;
  on<E extends keyof ServerToClientEvents>(event: E, heard: ServerToClientEvents[E]): void;
  /** Says something and waits for the answer; `offline` and `no_answer` are this side's own codes. Never throws. */
  ask<E extends keyof Out>(event: E, ...args: Args<E>): Promise<Answer<E> | Refused>;
}

export function createLine(parts: LineParts): Line {
  const random = parts.random ?? Math.random;
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(parts.url ?? location.origin, {
    autoConnect: false,
    reconnection: false,
    timeout: ATTEMPT,
    auth: (give) => give({ token: holding, resume: true }),
  });
  let state: LineState = { is: "off" };
  let holding: string | null = null;
  let wanted = false;
  let tries = 0;
  let renewals = 0;
  let lastWord: LastWord = null;
  /** Counts attempts, so that what belongs to an older one is not acted on. */
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = false;

  const become = (next: LineState): void => {
    state = next;
    parts.changed(next);
  };

  const later = (milliseconds: number, what: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(what, milliseconds);
  };

  const connect = async (): Promise<void> => {
    attempt += 1;
    const mine = attempt;
    waiting = false;
    lastWord = null;
    later(ATTEMPT, () => giveUp());
    const credentials = await parts.credentials();
    if (mine !== attempt || !wanted) return;
    if (credentials === "trouble") return comeBack(0);
    holding = credentials.token;
    later(ATTEMPT, () => giveUp());
    socket.connect();
  };

  /** Nothing has come of this attempt: neither a CONNECT nor a refusal. */
  const giveUp = (): void => {
    socket.disconnect();
    comeBack(0);
  };

  const comeBack = (atLeast: number): void => {
    if (!wanted || waiting) return;
    attempt += 1;
    tries += 1;
    waiting = true;
    if (state.is !== "connecting") become({ is: "reconnecting" });
    later(navigator.onLine ? backoff(tries, random(), atLeast) : OFFLINE_PAUSE, () => void connect());
  };

  const follow = (ending: Ending): void => {
    if (!wanted) return;
    if (ending.next === "again") {
      comeBack(ending.wait);
      return;
    }
    if (ending.next === "renew" && renewals < TOKEN_TRIES) {
      renewals += 1;
      if (state.is !== "connecting") become({ is: "reconnecting" });
      void connect();
      return;
    }
    wanted = false;
    clearTimeout(timer);
    if (ending.next === "elsewhere") become({ is: "elsewhere" });
    else if (ending.next === "renew") become(TOKEN_OVER);
    else become({ is: "refused", code: ending.code, message: ending.message, until: ending.until });
  };

  socket.on("connect", () => {
    clearTimeout(timer);
    tries = 0;
    renewals = 0;
    become({ is: "online", id: socket.id ?? "", kept: Boolean(socket.recovered) });
  });
  socket.on("disconnect", (reason) => {
    follow(state.is === "online" ? endingOf(reason, lastWord) : { next: "again", wait: 0 });
  });
  socket.on("connect_error", (error) => follow(failureOf(error)));
  socket.on("replaced", () => {
    lastWord = "replaced";
  });
  socket.on("tokenExpired", () => {
    lastWord = "tokenExpired";
  });
  socket.on("sanctioned", ({ kind, until }) => {
    if (kind === "ban" || kind === "suspension") lastWord = { sanction: kind, until };
  });

  return {
    open() {
      if (wanted) return;
      wanted = true;
      tries = 0;
      renewals = 0;
      become({ is: "connecting" });
      void connect();
    },
    close() {
      wanted = false;
      attempt += 1;
      clearTimeout(timer);
      socket.disconnect();
      become({ is: "off" });
    },
    hurry() {
      if (state.is === "online") void this.ask("typing", false); // any answer will do
      if (!wanted || !waiting) return;
      tries = 0;
      later(backoff(1, random()) / 4, () => void connect());
    },
    state: () => state,
    on: (event, heard) => void socket.on(event, heard as never),
    ask: (event, ...args) =>
      new Promise((resolve) => {
        if (state.is !== "online" || !socket.connected) return resolve(OFFLINE);
        const answered = (error: Error | null, answer: never): void => {
          const silent = error !== null && socket.connected;
          if (error === null) resolve(answer);
          else resolve(silent ? NO_ANSWER : OFFLINE);
          if (silent) socket.io.engine.close(); // it only seems to stand
        };
        socket.timeout(PATIENCE).emit(event, ...([...args, answered] as never));
      }),
  };
}

const OFFLINE: Refused = { ok: false, code: "offline", message: "" };
const NO_ANSWER: Refused = { ok: false, code: "no_answer", message: "" };
const TOKEN_OVER: LineState = { is: "refused", code: "token_expired", message: "", until: null };
