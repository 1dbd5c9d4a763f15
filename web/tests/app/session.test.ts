import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Membership } from "../../src/app/membership";
import { PASSWORD, settled, World } from "./world";

const MINUTE = 60_000;

let world: World;

beforeEach(() => {
  world = new World();
  vi.stubGlobal("fetch", world.fetch);
});

afterEach(() => vi.unstubAllGlobals());

/** A tab in which somebody has signed in. */
async function signedIn(): Promise<Membership> {
  const tab = world.open();
  await tab.signIn("ana@college.edu", PASSWORD);
  await settled();
  return tab;
}

const asks = (path: string): number => world.accounts.asked.filter((asked) => asked.endsWith(path)).length;

test("a first visit asks for the config and for nothing else", async () => {
  const tab = world.open();
  await settled();
  expect(tab.session.get()).toMatchObject({ state: "out", trouble: null, config: { guests: true } });
  expect(world.accounts.asked).toEqual(["GET /api/config"]);
});

test("the right password signs in, a wrong one says why not", async () => {
  const tab = world.open();
  const wrong = await tab.signIn("ana@college.edu", "something else");
  expect(wrong).toMatchObject({ ok: false, problem: { status: 400, code: "wrong_credentials" } });
  expect(tab.session.get().state).toBe("out");
  await tab.signIn("ana@college.edu", PASSWORD);
  expect(tab.session.get()).toMatchObject({ state: "in", user: { email: "ana@college.edu" } });
});

test("a reload comes back by the cookie", async () => {
  await signedIn();
  world.close();
  const again = world.open();
  expect(again.session.get().state).toBe("loading");
  await settled();
  expect(again.session.get()).toMatchObject({ state: "in", user: { userId: "u1" }, trouble: null });
});

test("no network at a reload is no sign-out", async () => {
  await signedIn();
  world.close();
  world.online = false;
  const tab = world.open();
  await world.pass(5 * MINUTE);
  expect(tab.session.get()).toMatchObject({ state: "loading", trouble: { code: "offline" } });
  world.online = true;
  await world.pass(MINUTE);
  expect(tab.session.get()).toMatchObject({ state: "in", trouble: null, config: { guests: true } });
});

test("who waits for a token while that is unknown gets it once it is", async () => {
  await signedIn();
  world.close();
  world.online = false;
  const token = world.open().freshToken();
  await world.pass(MINUTE);
  world.online = true;
  await world.pass(MINUTE);
  expect(await token).toMatch(/^h\./);
});

test("a sign-in that is over is out, and is not asked for again", async () => {
  await signedIn();
  world.close();
  world.accounts.end();
  const tab = world.open();
  await settled();
  expect(tab.session.get()).toMatchObject({ state: "out", trouble: { code: "no_session" } });
  world.close();
  world.accounts.asked.length = 0;
  world.open();
  await settled();
  expect(world.accounts.asked).toEqual(["GET /api/config"]);
});

test("the token is renewed by itself before it ends", async () => {
  const tab = await signedIn();
  const first = await tab.freshToken();
  await world.pass(13 * MINUTE);
  expect(await tab.freshToken()).toBe(first);
  await world.pass(MINUTE);
  expect(asks("/refresh")).toBe(1);
  expect(await tab.freshToken()).not.toBe(first);
});

test("after a long sleep, all who ask for a token wait for the same renewal", async () => {
  const tab = await signedIn();
  world.now += 3 * 60 * MINUTE; // timers have slept, too
  const [one, other] = await Promise.all([tab.freshToken(), tab.freshToken()]);
  expect(one).toBe(other);
  expect(asks("/refresh")).toBe(1);
  expect(await tab.sessions()).toMatchObject({ ok: true });
});

test.each([-60, 60])(
  "a clock that is %d minutes wrong renews neither too often nor too late",
  async (wrong) => {
    world.skew = wrong * MINUTE;
    const tab = await signedIn();
    await world.pass(60 * MINUTE);
    expect(await tab.sessions()).toMatchObject({ ok: true });
    expect(asks("/refresh")).toBe(4);
  },
);

test("two tabs that renew at the same time both stay signed in", async () => {
  const one = await signedIn();
  const other = world.open();
  await settled();
  await world.pass(60 * MINUTE);
  for (const tab of [one, other]) {
    expect(tab.session.get().state).toBe("in");
    expect(await tab.sessions()).toMatchObject({ ok: true });
  }
});

test("a renewal whose answer got lost is asked for again in time", async () => {
  const tab = await signedIn();
  world.lost = 2;
  await world.pass(15 * MINUTE);
  expect(asks("/refresh")).toBe(3);
  expect(tab.session.get().state).toBe("in");
  expect(await tab.sessions()).toMatchObject({ ok: true });
});

test("without a network the old token is all there is, and nobody becomes a guest", async () => {
  const tab = await signedIn();
  const token = await tab.freshToken();
  world.online = false;
  await world.pass(20 * MINUTE);
  expect(await tab.freshToken()).toBe(token);
  expect(tab.session.get().state).toBe("in");
});

test("too many renewals wait as long as the server says", async () => {
  const tab = await signedIn();
  world.accounts.refusals.set("/api/auth/refresh", [{ status: 429, code: "too_many" }]);
  await world.pass(14 * MINUTE + 29_000);
  expect(asks("/refresh")).toBe(1);
  await world.pass(2_000);
  expect(asks("/refresh")).toBe(2);
  expect(tab.session.get().state).toBe("in");
});

test("signing out in one tab signs all of them out", async () => {
  const one = await signedIn();
  const other = world.open();
  await settled();
  const heard = vi.fn();
  other.onSignedOut(heard);
  await one.signOut();
  await settled();
  expect([one, other].map((tab) => tab.session.get().state)).toEqual(["out", "out"]);
  expect(heard).toHaveBeenCalledOnce();
  expect(await other.freshToken()).toBeNull();
  expect(world.accounts.cookie).toBeNull();
});

test("signing in in one tab signs the others in, but takes no guest out of a chat", async () => {
  const out = world.open();
  const guest = world.open();
  guest.enterAsGuest();
  await signedIn();
  expect(out.session.get().state).toBe("in");
  expect(guest.session.get().state).toBe("guest");
});

test("somebody else signing in ends what the first one was doing in other tabs", async () => {
  const first = await signedIn();
  const heard = vi.fn();
  first.onSignedOut(heard);
  world.accounts.user = { ...world.accounts.user, userId: "u2", email: "ben@college.edu" };
  await signedIn();
  expect(first.session.get().user?.userId).toBe("u2");
  expect(heard).toHaveBeenCalledOnce();
});

test("a sign-out without a network is told to the server later, even after a reload", async () => {
  const tab = await signedIn();
  world.online = false;
  await tab.signOut();
  expect(tab.session.get().state).toBe("out");
  expect(world.accounts.cookie).not.toBeNull();
  world.close();
  world.online = true;
  const again = world.open();
  await settled();
  expect(again.session.get().state).toBe("out");
  expect(world.accounts.cookie).toBeNull();
  expect(world.mark).toBeNull();
});

test("signing in while a sign-out is still to be told stays signed in", async () => {
  const tab = await signedIn();
  world.online = false;
  await tab.signOut();
  world.online = true;
  await tab.signIn("ana@college.edu", PASSWORD);
  await world.pass(5 * MINUTE);
  expect(asks("/logout")).toBe(0);
  expect(await tab.sessions()).toMatchObject({ ok: true });
});

test("a token that has just ended is renewed, and the question asked again", async () => {
  const tab = await signedIn();
  world.accounts.refusals.set("/api/account/blocks", [{ status: 401, code: "token_expired" }]);
  expect(await tab.blocks()).toEqual({
    ok: true,
    value: [{ name: "Calm Otter", at: "2026-01-31T12:00:00.000Z" }],
  });
  expect(asks("/refresh")).toBe(1);
});

test("a sign-in that another device has ended is over in all tabs at the next question", async () => {
  const one = await signedIn();
  const other = world.open();
  await settled();
  world.accounts.end();
  expect(await one.sessions()).toMatchObject({ ok: false, problem: { code: "token_invalid" } });
  await settled();
  for (const tab of [one, other]) expect(tab.session.get().state).toBe("out");
  expect(one.session.get().trouble?.code).toBe("token_invalid");
});

test("somebody who was suspended meanwhile is told why, and until when", async () => {
  const tab = await signedIn();
  const sanction = { status: 403, code: "sanctioned", reason: "Insults", until: "2026-02-07T12:00:00.000Z" };
  world.accounts.refusals.set("/api/auth/refresh", [sanction]);
  await world.pass(15 * MINUTE);
  expect(tab.session.get()).toMatchObject({
    state: "out",
    trouble: { code: "sanctioned", reason: "Insults", until: "2026-02-07T12:00:00.000Z" },
  });
});

test("a guest stays one over a reload, and has no token", async () => {
  const storage = { guest: false };
  const tab = world.open("", storage);
  await settled();
  expect(tab.enterAsGuest().ok).toBe(true);
  world.close();
  const again = world.open("", storage);
  expect(again.session.get().state).toBe("guest");
  expect(await again.freshToken()).toBeNull();
  await again.signOut();
  expect(again.session.get().state).toBe("out");
});

test("nobody becomes a guest where guests are not let in", async () => {
  world.accounts.guests = false;
  const tab = world.open();
  await settled();
  expect(tab.enterAsGuest().ok).toBe(false);
  expect(tab.session.get().state).toBe("out");
});

test("whoever comes back from the college is signed in, in all tabs", async () => {
  const other = world.open();
  await settled();
  world.accounts.begin();
  const tab = world.open("#signedIn=sso");
  await settled();
  expect(tab.session.get().state).toBe("in");
  expect(other.session.get().state).toBe("in");
});

test("what the college's sign-in could not do is told", async () => {
  const tab = world.open("#problem=sanctioned&kind=ban&reason=Spam+and+more&appealToken=abc");
  await settled();
  expect(tab.session.get()).toMatchObject({
    state: "out",
    trouble: { code: "sanctioned", status: 403, reason: "Spam and more", until: null, appealToken: "abc" },
  });
});

test("an account is deleted with its password alone, and then all tabs are out", async () => {
  const tab = await signedIn();
  expect(await tab.deleteAccount("wrong")).toMatchObject({
    ok: false,
    problem: { code: "wrong_credentials" },
  });
  expect(tab.session.get().state).toBe("in");
  expect(await tab.deleteAccount(PASSWORD)).toMatchObject({ ok: true });
  expect(tab.session.get()).toMatchObject({ state: "out", user: null, trouble: null });
});

test("signing out everywhere ends this tab, too", async () => {
  const tab = await signedIn();
  await tab.signOutEverywhere();
  expect(tab.session.get()).toMatchObject({ state: "out", trouble: null });
});

test("a doubt is cleared by asking: who was signed out elsewhere is out", async () => {
  const tab = await signedIn();
  expect(await tab.recheckSession()).toBe(true);
  world.accounts.end();
  expect(await tab.recheckSession()).toBe(false);
  expect(tab.session.get()).toMatchObject({ state: "out", trouble: { code: "no_session" } });
});
