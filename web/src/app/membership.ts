/** Signing in and out, and what somebody who is signed in may do; over several tabs, with and without a network. */

import type { AccountsApi, Block, Config, Device, SignedIn, User } from "../api/accounts";
import { bad, good, isPassing, type Problem, problem, type Result } from "../api/result";
import { type Access, createAccess } from "./access";
import { arrival } from "./arrival";
import { createStore, type Store } from "./store";
import type { Tabs } from "./tabs";

export interface Session {
  /** `loading`: it is not known yet, also while there is no network. */
  state: "loading" | "out" | "guest" | "in";
  config: Config | null;
  user: User | null;
  /** Why somebody is not signed in who might expect to be, or why it takes so long. */
  trouble: Problem | null;
}

export interface MembershipParts {
  api: AccountsApi;
  tabs: Tabs;
  /** Milliseconds since the epoch. */
  now(): number;
  later(milliseconds: number, job: () => void): () => void;
  /** Waits before another try. */
  pause(tries: number, trouble: Problem): Promise<void>;
}

export interface Membership {
  session: Store<Session>;
  /** Once, when the page is opened; `hash` is the address's, where a single sign-on tells what came of it. */
  startSession(hash?: string): void;
  dismissTrouble(): void;
  signIn(email: string, password: string, totp?: string): Promise<Result<User>>;
  signUp(email: string, password: string): Promise<Result<unknown>>;
  verifyEmail(email: string, code: string): Promise<Result<unknown>>;
  resend(email: string): Promise<Result<unknown>>;
  forgot(email: string): Promise<Result<unknown>>;
  reset(email: string, code: string, password: string): Promise<Result<unknown>>;
  google(credential: string, totp?: string): Promise<Result<User>>;
  enterAsGuest(): Result<null>;
  signOut(): Promise<Result<unknown>>;
  signOutEverywhere(): Promise<Result<unknown>>;
  sessions(): Promise<Result<Device[]>>;
  endSession(id: string): Promise<Result<unknown>>;
  exportAccount(): Promise<Result<unknown>>;
  deleteAccount(password?: string): Promise<Result<unknown>>;
  blocks(): Promise<Result<Block[]>>;
  appeal(appealToken: string, text: string): Promise<Result<unknown>>;
  /** Asks the server whether the sign-in still holds, unless it is being ended here; where it is over, it ends. */
  check(): Promise<Result<unknown>>;
  /** For a connection: null for guests and for who is signed out. Waits while it is not known who is here. */
  freshToken(): Promise<string | null>;
  /** Calls `heard` whenever a sign-in ends, here or elsewhere, until the function that it returns is called. */
  onSignedOut(heard: () => void): () => void;
}

const GONE = ["token_invalid", "token_missing", "no_session", "account_gone"];

export function createMembership(parts: MembershipParts): Membership {
  const { api, tabs } = parts;
  const session = createStore<Session>({ state: "loading", config: null, user: null, trouble: null });
  const listeners = new Set<() => void>();
  let isEnding = false;
  const access: Access = createAccess({
    refresh: api.refresh,
    now: parts.now,
    later: parts.later,
    pause: parts.pause,
    alone: tabs.alone,
    onEnd: (trouble) => end(trouble),
  });

  const change = (next: Partial<Session>): void => session.update((now) => ({ ...now, ...next }));

  // ---- coming in and going out

  function enter(answer: Result<SignedIn>): Result<User> {
    if (!answer.ok) return answer;
    access.hold(answer.value);
    tabs.setMark("in");
    become(answer.value.user);
    tabs.tell("in");
    return good(answer.value.user);
  }

  function become(user: User): void {
    const before = session.get().user;
    if (before !== null && before.userId !== user.userId) tellSignedOut();
    tabs.setGuest(false);
    change({ state: "in", user, trouble: null });
  }

  /** Forgets who was here. `trouble` says why, where it was not the person's own wish. */
  function forget(trouble: Problem | null = null): void {
    const wasIn = session.get().state === "in";
    access.drop();
    tabs.setGuest(false);
    change({ state: "out", user: null, trouble });
    if (wasIn) tellSignedOut();
  }

  /** The sign-in itself is over, for all tabs. */
  function end(trouble: Problem | null = null): void {
    tabs.setMark(null);
    forget(trouble);
    tabs.tell("out");
  }

  function tellSignedOut(): void {
    for (const heard of [...listeners]) heard();
  }

  /** Comes back by the cookie: after a reload, or when another tab has signed in. Not before there is an answer. */
  async function restore(): Promise<void> {
    const renewed = await access.renewPatiently((trouble) => change({ trouble }));
    if (!renewed.ok) return;
    for (let tries = 1; ; tries += 1) {
      const token = await access.fresh();
      if (token === null) return; // signed out in the meantime
      const answer = await api.profile(token);
      if (answer.ok) return become(answer.value.user);
      if (!isPassing(answer.problem) && answer.problem.code !== "token_expired") return end(answer.problem);
      change({ trouble: answer.problem });
      await parts.pause(tries, answer.problem);
    }
  }

  /** Tells the server of a sign-out that it did not hear. */
  async function finishLeaving(): Promise<void> {
    for (let tries = 1; tabs.mark() === "leaving"; tries += 1) {
      const answer = await api.signOut(null);
      if (answer.ok || !isPassing(answer.problem)) {
        if (tabs.mark() === "leaving") tabs.setMark(null);
        return;
      }
      await parts.pause(tries, answer.problem);
    }
  }

  async function loadConfig(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const answer = await api.config();
      if (answer.ok) return change({ config: answer.value });
      await parts.pause(tries, answer.problem);
    }
  }

  function startSession(hash = ""): void {
    const came = arrival(hash);
    if (came?.signedIn) tabs.setMark("in");
    tabs.onNews(hear);
    void loadConfig();
    if (came?.trouble) change({ trouble: came.trouble });
    if (tabs.mark() === "in") {
      void restore();
      if (came?.signedIn) tabs.tell("in");
      return;
    }
    change({ state: tabs.guest() ? "guest" : "out" });
    void finishLeaving();
  }

  function hear(news: "in" | "out"): void {
    if (news === "out") {
      if (session.get().state !== "guest") forget();
    } else if (session.get().state !== "guest") void restore();
  }

  // ---- for somebody who is signed in

  /** Asks with the token, once more if that has just ended; a sign-in that is over ends here, too. */
  async function asMember<T>(ask: (token: string) => Promise<Result<T>>): Promise<Result<T>> {
    const token = await access.fresh();
    if (token === null) return bad("no_session", { status: 401 });
    let answer = await ask(token);
    if (!answer.ok && answer.problem.code === "token_expired") {
      const renewed = await access.renew();
      if (!renewed.ok) return renewed;
      answer = await ask(renewed.value);
    }
    if (!answer.ok && GONE.includes(answer.problem.code)) end(answer.problem);
    return answer;
  }

  async function signOut(): Promise<Result<unknown>> {
    if (session.get().state === "guest") {
      forget();
      return good(null);
    }
    const token = access.current();
    tabs.setMark("leaving");
    forget();
    tabs.tell("out");
    const answer = await api.signOut(token);
    if (answer.ok) tabs.setMark(null);
    else void finishLeaving();
    return good(null);
  }

  /** Ends the sign-in here once the server has ended it. */
  async function ending(ask: (token: string) => Promise<Result<unknown>>): Promise<Result<unknown>> {
    isEnding = true;
    const answer = await asMember(ask);
    isEnding = false;
    if (answer.ok) end();
    return answer;
  }

  async function freshToken(): Promise<string | null> {
    if (session.get().state === "loading") await known();
    return session.get().state === "in" ? access.fresh() : null;
  }

  function known(): Promise<void> {
    return new Promise((resolve) => {
      const stop = session.subscribe(() => {
        if (session.get().state === "loading") return;
        stop();
        resolve();
      });
    });
  }

  return {
    session,
    startSession,
    dismissTrouble: () => change({ trouble: null }),
    signIn: async (email, password, totp) => enter(await api.signIn(email, password, totp)),
    signUp: api.signUp,
    verifyEmail: api.verifyEmail,
    resend: api.resend,
    forgot: api.forgot,
    reset: api.reset,
    google: async (credential, totp) => enter(await api.google(credential, totp)),
    enterAsGuest() {
      if (session.get().config?.guests === false)
        return { ok: false, problem: problem("forbidden", { status: 403 }) };
      tabs.setGuest(true);
      change({ state: "guest", user: null, trouble: null });
      return good(null);
    },
    signOut,
    signOutEverywhere: () => ending(api.signOutEverywhere),
    sessions: async () => picked(await asMember(api.devices), ({ sessions }) => sessions),
    endSession: (id) => asMember((token) => api.endDevice(token, id)),
    exportAccount: () => asMember(api.exported),
    deleteAccount: (password) => ending((token) => api.deleteAccount(token, password)),
    blocks: async () => picked(await asMember(api.blocks), ({ blocks }) => blocks),
    appeal: api.appeal,
    check: async () => (isEnding ? good(null) : access.renew()),
    freshToken,
    onSignedOut(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}

function picked<T, S>(answer: Result<T>, pick: (value: T) => S): Result<S> {
  return answer.ok ? good(pick(answer.value)) : answer;
}
