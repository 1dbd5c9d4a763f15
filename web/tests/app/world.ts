/** A browser with tabs, a clock and a network, and the accounts of a server behind it: small, and strict about tokens. */

import { accountsApi, type User } from "../../src/api/accounts";
import { createMembership, type Membership } from "../../src/app/membership";
import { waitingTime } from "../../src/app/pause";
import type { Mark, News, Tabs } from "../../src/app/tabs";

const LIFE = 15 * 60_000;
const REPEATED = 20_000;
export const PASSWORD = "correct horse battery";

interface Refusal {
  status: number;
  code: string;
  [more: string]: unknown;
}

/** Answers as docs/accounts.md says. */
export class Accounts {
  readonly asked: string[] = [];
  /** Refuses the next requests of a path. */
  readonly refusals = new Map<string, Refusal[]>();
  user: User = {
    userId: "u1",
    email: "ana@college.edu",
    isGoogleUser: false,
    campus: null,
    role: "member",
    createdAt: "2026-01-31T11:59:30.123Z",
  };
  cookie: string | null = null;
  guests = true;
  private refreshes = new Map<string, { next: string; usedAt: number }>();
  private newest: string | null = null;
  private count = 0;

  constructor(private readonly clock: () => number) {}

  answer(method: string, path: string, token: string | null, body: Record<string, unknown>): Response {
    this.asked.push(`${method} ${path}`);
    const refused = this.refusals.get(path)?.shift();
    if (refused) return refusal(refused);
    switch (`${method} ${path}`) {
      case "GET /api/config":
        return told({
          signIn: { password: true, google: null, singleSignOn: null },
          guests: this.guests,
          campus: false,
        });
      case "POST /api/auth/login":
        if (body.password !== PASSWORD) return refusal({ status: 400, code: "wrong_credentials" });
        return told({ ...this.begin(), user: this.user });
      case "POST /api/auth/refresh":
        return this.refresh();
      case "POST /api/auth/logout":
        this.end();
        return told({ success: true });
      default:
        if (!this.isGood(token))
          return refusal({ status: 401, code: this.newest ? "token_expired" : "token_invalid" });
        return this.member(method, path, body);
    }
  }

  /** Every token of the sign-in ends, as if by another device. */
  end(): void {
    this.newest = null;
    this.cookie = null;
    this.refreshes.clear();
  }

  /** A sign-in at the college: the browser comes back with the cookie. */
  begin(): object {
    this.cookie = this.newest = `r${++this.count}`;
    return this.access();
  }

  private member(method: string, path: string, body: Record<string, unknown>): Response {
    if (path === "/api/profile") return told({ success: true, user: this.user });
    if (path === "/api/auth/sessions")
      return told({ sessions: [{ id: "s1", device: "Firefox on Linux", current: true }] });
    if (path === "/api/account/blocks")
      return told({ blocks: [{ name: "Calm Otter", at: "2026-01-31T12:00:00.000Z" }] });
    if (`${method} ${path}` === "DELETE /api/account" && body.password !== PASSWORD) {
      return refusal({ status: 400, code: "wrong_credentials" });
    }
    if (method === "DELETE" || path === "/api/auth/logout-all") this.end();
    return told({ success: true });
  }

  private refresh(): Response {
    const sent = this.cookie;
    const before = sent === null ? undefined : this.refreshes.get(sent);
    if (sent !== null && sent === this.newest) {
      const next = `r${++this.count}`;
      this.refreshes.set(sent, { next, usedAt: this.clock() });
      this.cookie = this.newest = next;
    } else if (before && before.next === this.newest && this.clock() - before.usedAt < REPEATED) {
      this.cookie = before.next;
    } else {
      this.end();
      return refusal({ status: 401, code: "no_session" });
    }
    return told(this.access());
  }

  private access(): object {
    const iat = Math.floor(this.clock() / 1000);
    const claims = btoa(JSON.stringify({ iat, exp: iat + LIFE / 1000, n: ++this.count }));
    return { token: `h.${claims}.s`, expiresAt: new Date(this.clock() + LIFE).toISOString() };
  }

  private isGood(token: string | null): boolean {
    const { exp } = JSON.parse(atob(token?.split(".")[1] ?? "e30=")) as { exp?: number };
    return this.newest !== null && exp !== undefined && exp * 1000 > this.clock();
  }
}

function told(body: unknown): Response {
  return Response.json(body);
}

function refusal({ status, code, ...more }: Refusal): Response {
  const headers: HeadersInit = status === 429 ? { "retry-after": "30" } : {};
  return Response.json({ status, code, detail: code, ...more }, { status, headers });
}

export class World {
  now = Date.parse("2026-01-31T12:00:00Z");
  /** How wrong this browser's clock is, in milliseconds. */
  skew = 0;
  online = true;
  /** Answers to these many requests get lost: the server has done what was asked. */
  lost = 0;
  readonly accounts = new Accounts(() => this.now);
  mark: Mark = null;
  private waiting: { at: number; job: () => void }[] = [];
  private heard: { tab: number; heard: (news: News) => void }[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private tabs = 0;

  /** For `fetch`. */
  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    if (!this.online) throw new TypeError("Failed to fetch");
    const before = this.accounts.cookie;
    const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? null;
    const body = JSON.parse(typeof init.body === "string" ? init.body : "{}") as Record<string, unknown>;
    const answer = this.accounts.answer(init.method ?? "GET", path, token, body);
    if (this.lost > 0) {
      this.lost -= 1;
      this.accounts.cookie = before;
      throw new TypeError("Failed to fetch");
    }
    return answer;
  };

  /** Opens the page in a tab. `storage` is a tab's own, which outlives a reload. */
  open(hash = "", storage: { guest: boolean } = { guest: false }): Membership {
    const tab = ++this.tabs;
    const tabs: Tabs = {
      mark: () => this.mark,
      setMark: (mark) => {
        this.mark = mark;
      },
      guest: () => storage.guest,
      setGuest: (on) => {
        storage.guest = on;
      },
      tell: (news) => {
        for (const other of this.heard) if (other.tab !== tab) queueMicrotask(() => other.heard(news));
      },
      onNews: (heard) => this.heard.push({ tab, heard }),
      alone: (job) => {
        const mine = this.turn.then(job);
        this.turn = mine.catch(() => undefined);
        return mine;
      },
    };
    const membership = createMembership({
      api: accountsApi(),
      tabs,
      now: () => this.now + this.skew,
      later: (milliseconds, job) => this.later(milliseconds, job),
      pause: (tries, trouble) =>
        new Promise((resolve) => {
          this.later(waitingTime(tries, trouble, 0), resolve);
        }),
    });
    membership.startSession(hash);
    return membership;
  }

  /** Closes all tabs. */
  close(): void {
    this.heard = [];
    this.waiting = [];
  }

  /** Lets time pass, and everything happen that was to happen in it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    await settled();
    for (;;) {
      const next = this.waiting.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.waiting = this.waiting.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.job();
      await settled();
    }
    this.now = end;
  }

  private later(milliseconds: number, job: () => void): () => void {
    const entry = { at: this.now + milliseconds, job };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }
}

/** Everything that waits for nothing but promises is done. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
