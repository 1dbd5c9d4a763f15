import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settled } from "../app/world";

type Answer = { status?: number; body?: object; headers?: Record<string, string> };

const USER = { userId: "u1", email: "ana@college.edu", role: "member", campus: null, createdAt: null };
const ENTERED = { body: { token: "h.e30.s", expiresAt: "2099-01-01T00:00:00Z", user: USER } };
const CONFIG = { signIn: { password: true, google: null, singleSignOn: null }, guests: true, campus: false };

let answers: Record<string, Answer>;
let asked: { path: string; body: Record<string, unknown> }[];

beforeEach(async () => {
  vi.resetModules(); // who is signed in is kept in a module
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "", "/signin");
  asked = [];
  answers = { "/api/config": { body: CONFIG } };
  vi.stubGlobal("BroadcastChannel", undefined); // one test is no news for the next
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({
      path,
      body: JSON.parse((init.body as string | undefined) ?? "{}") as Record<string, unknown>,
    });
    const {
      status = 200,
      body = {},
      headers = {},
    } = answers[path] ?? { status: 404, body: { code: "not_found" } };
    return Response.json(body, { status, headers });
  });
  const { startSession } = await import("../../src/app/session");
  const { SignIn } = await import("../../src/screens/SignIn");
  await act(async () => {
    startSession();
    render(<SignIn />, document.body);
  });
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

const page = (): string => document.body.textContent ?? "";

function field(name: string): HTMLInputElement {
  const label = [...document.querySelectorAll("label")].find(({ textContent }) =>
    textContent?.includes(name),
  );
  const found = label && document.getElementById(label.htmlFor);
  if (!found) throw new Error(`no field ${name} in: ${page()}`);
  return found as HTMLInputElement;
}

/** Everything that was asked is answered and drawn. */
async function answered(): Promise<void> {
  await act(settled);
}

async function type(name: string, value: string): Promise<void> {
  await act(async () => {
    field(name).value = value;
    field(name).dispatchEvent(new Event("input", { bubbles: true }));
  });
  await answered();
}

async function press(name: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);
  if (!button) throw new Error(`no button ${name} in: ${page()}`);
  await act(async () => button.click());
  await answered();
}

async function choose(name: string): Promise<void> {
  const radio = [...document.querySelectorAll("label")].find(({ textContent }) => textContent === name);
  await act(async () => radio?.querySelector("input")?.click());
}

async function who(): Promise<string> {
  const { session } = await import("../../src/app/session");
  return session.get().state;
}

const bodies = (path: string): object[] => asked.filter((one) => one.path === path).map(({ body }) => body);

test("signing up leads to the code, and with it one is in without typing the password again", async () => {
  answers["/api/auth/signup"] = { status: 201 };
  answers["/api/auth/verify-email"] = {};
  answers["/api/auth/login"] = ENTERED;
  await choose("I am new here");
  await type("E-mail address", " ana@college.edu ");
  await type("Password", "correct horse battery");
  await press("Send me a code");
  expect(location.search).toBe("?step=code");
  await type("Your code", "123 456");
  expect(bodies("/api/auth/verify-email")).toEqual([{ email: "ana@college.edu", code: "123456" }]);
  expect(bodies("/api/auth/login")).toEqual([
    { email: "ana@college.edu", password: "correct horse battery", cookie: true },
  ]);
  expect(await who()).toBe("in");
});

test("nothing that somebody types stands in the address or in what the browser keeps", async () => {
  answers["/api/auth/signup"] = { status: 201 };
  answers["/api/auth/verify-email"] = { status: 400, body: { code: "wrong_code" } };
  await choose("I am new here");
  await type("E-mail address", "ana@college.edu");
  await type("Password", "correct horse battery");
  await press("Send me a code");
  await type("Your code", "123456");
  expect(page()).toContain("This code is wrong or too old.");
  const kept = location.href + JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }]);
  expect(kept).not.toMatch(/ana|horse|123456/);
});

test("a wrong password is told in words, and the address stays", async () => {
  answers["/api/auth/login"] = { status: 400, body: { code: "wrong_credentials" } };
  await type("E-mail address", "ana@college.edu");
  await type("Password", "something else");
  await press("Sign in");
  expect(document.querySelector("[role=alert]")?.textContent).toContain(
    "The address or the password is not right.",
  );
  expect(field("E-mail address").value).toBe("ana@college.edu");
});

test("a common password is told beside its field", async () => {
  answers["/api/auth/signup"] = { status: 400, body: { code: "password_common" } };
  await choose("I am new here");
  await type("E-mail address", "ana@college.edu");
  await type("Password", "password1234");
  await press("Send me a code");
  const told = document.getElementById(
    field("Password").getAttribute("aria-describedby")?.split(" ").at(-1) ?? "",
  );
  expect(told?.textContent).toContain("Too many people use this password.");
});

test("after too many tries the button waits as long as the server says", async () => {
  answers["/api/auth/login"] = { status: 429, body: { code: "too_many" }, headers: { "retry-after": "90" } };
  await type("E-mail address", "ana@college.edu");
  await type("Password", "something else");
  await press("Sign in");
  expect(page()).toContain("You can try again in 1:30.");
  expect([...document.querySelectorAll("button")].find(({ type }) => type === "submit")?.disabled).toBe(true);
});

test("staff are asked for their second factor, which goes along with the password", async () => {
  answers["/api/auth/login"] = { status: 401, body: { code: "second_factor" } };
  await type("E-mail address", "ana@college.edu");
  await type("Password", "correct horse battery");
  await press("Sign in");
  expect(location.search).toBe("?step=second");
  answers["/api/auth/login"] = ENTERED;
  await type("Code of your authenticator app", "654321");
  expect(bodies("/api/auth/login")[1]).toMatchObject({ password: "correct horse battery", totp: "654321" });
  expect(await who()).toBe("in");
});

test("who is suspended reads why and until when, and can object once", async () => {
  answers["/api/auth/login"] = {
    status: 403,
    body: { code: "sanctioned", reason: "Insults", until: "2026-02-07T12:00:00.000Z", appealToken: "once" },
  };
  answers["/api/appeals"] = { status: 201 };
  await type("E-mail address", "ana@college.edu");
  await type("Password", "correct horse battery");
  await press("Sign in");
  expect(page()).toContain("Insults");
  expect(page()).toMatch(/7 February 2026|February 7, 2026/);
  await type("What happened", "It was a joke between friends.");
  await press("Ask to look again");
  expect(bodies("/api/appeals")).toEqual([{ appealToken: "once", text: "It was a joke between friends." }]);
  expect(page()).toContain("A moderator will read it.");
});

test("who is told so by the sign-in of before is led to a new one, which lets them object", async () => {
  const { session } = await import("../../src/app/session");
  const { problem } = await import("../../src/api/result");
  const told = problem("sanctioned", { status: 403, reason: "Insults" });
  await act(async () => session.update((now) => ({ ...now, trouble: told })));
  expect(page()).toContain("Insults");
  expect(page()).toContain("Sign in to answer");
  await press("Sign in to answer");
  expect(page()).toContain("E-mail address");
});

test("a forgotten password is replaced with a code, and signs in at once", async () => {
  answers["/api/auth/password/forgot"] = {};
  answers["/api/auth/password/reset"] = {};
  answers["/api/auth/login"] = ENTERED;
  await type("E-mail address", "ana@college.edu");
  await press("I forgot my password");
  await press("Send me a code");
  await type("Your code", "123456");
  await type("New password", "another horse battery");
  await press("Change it and sign in");
  expect(bodies("/api/auth/login")).toEqual([
    { email: "ana@college.edu", password: "another horse battery", cookie: true },
  ]);
  expect(await who()).toBe("in");
});

test("a guest comes in with one press", async () => {
  await press("Come in as a guest");
  expect(await who()).toBe("guest");
  expect(location.pathname).toBe("/start");
});
