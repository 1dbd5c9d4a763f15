/** The routes of accounts, one function each. */

import { type Method, type RequestOptions, type Result, request } from "./client";

export interface Config {
  signIn: {
    password: boolean;
    google: { clientId: string } | null;
    singleSignOn: { name: string; start: string } | null;
  };
  /** Whether one may come in without an account. */
  guests: boolean;
  /** Whether only addresses of certain colleges are taken. */
  campus: boolean;
}

export interface User {
  userId: string;
  email: string | null;
  isGoogleUser: boolean;
  campus: string | null;
  role: "member" | "moderator" | "administrator";
  createdAt: string | null;
}

/** An access token; what renews it is in a cookie that no script sees. */
export interface Tokens {
  token: string;
  expiresAt: string;
}

export type SignedIn = Tokens & { user: User };

/** One sign-in on one device. */
export interface Device {
  id: string;
  device: string;
  createdAt: string;
  usedAt: string;
  current: boolean;
}

export interface Block {
  name: string | null;
  at: string;
}

type Asked = (
  method: Method,
  path: string,
  body?: unknown,
  options?: RequestOptions,
) => Promise<Result<unknown>>;

export interface AccountsApi {
  config(): Promise<Result<Config>>;
  signUp(email: string, password: string): Promise<Result<unknown>>;
  verifyEmail(email: string, code: string): Promise<Result<unknown>>;
  resend(email: string): Promise<Result<unknown>>;
  signIn(email: string, password: string, totp?: string): Promise<Result<SignedIn>>;
  google(credential: string, totp?: string): Promise<Result<SignedIn>>;
  forgot(email: string): Promise<Result<unknown>>;
  reset(email: string, code: string, password: string): Promise<Result<unknown>>;
  refresh(): Promise<Result<Tokens>>;
  signOut(token: string | null): Promise<Result<unknown>>;
  signOutEverywhere(token: string): Promise<Result<unknown>>;
  profile(token: string): Promise<Result<{ user: User }>>;
  devices(token: string): Promise<Result<{ sessions: Device[] }>>;
  endDevice(token: string, id: string): Promise<Result<unknown>>;
  blocks(token: string): Promise<Result<{ blocks: Block[] }>>;
  exported(token: string): Promise<Result<unknown>>;
  deleteAccount(token: string, password?: string): Promise<Result<unknown>>;
  appeal(appealToken: string, text: string): Promise<Result<unknown>>;
}

/** The routes, asked by `ask`. */
export function accountsApi(ask: Asked = request): AccountsApi {
  const post = (path: string, body?: unknown, options?: RequestOptions): Promise<Result<never>> =>
    ask("POST", path, body, options) as Promise<Result<never>>;
  const get = (path: string, token?: string): Promise<Result<never>> =>
    ask("GET", path, undefined, { token: token ?? null }) as Promise<Result<never>>;
  return {
    config: () => get("/api/config"),
    signUp: (email, password) => post("/api/auth/signup", { email, password }),
    verifyEmail: (email, code) => post("/api/auth/verify-email", { email, code }),
    resend: (email) => post("/api/auth/resend", { email }),
    signIn: (email, password, totp) =>
      post("/api/auth/login", { email, password, cookie: true, ...factor(totp) }),
    google: (credential, totp) =>
      post("/api/auth/google-login", { credential, cookie: true, ...factor(totp) }),
    forgot: (email) => post("/api/auth/password/forgot", { email }),
    reset: (email, code, password) => post("/api/auth/password/reset", { email, code, password }),
    refresh: () => post("/api/auth/refresh", undefined, { keepalive: true }),
    signOut: (token) => post("/api/auth/logout", undefined, { token, keepalive: true }),
    signOutEverywhere: (token) => post("/api/auth/logout-all", undefined, { token }),
    profile: (token) => get("/api/profile", token),
    devices: (token) => get("/api/auth/sessions", token),
    endDevice: (token, id) =>
      ask("DELETE", `/api/auth/sessions/${encodeURIComponent(id)}`, undefined, { token }),
    blocks: (token) => get("/api/account/blocks", token),
    exported: (token) => get("/api/account/export", token),
    deleteAccount: (token, password) =>
      ask("DELETE", "/api/account", password === undefined ? undefined : { password }, { token }),
    appeal: (appealToken, text) => post("/api/appeals", { appealToken, text }),
  };
}

function factor(totp: string | undefined): { totp?: string } {
  return totp === undefined ? {} : { totp };
}
