import { beforeEach, expect, it } from "vitest";
import { admitted, startGuards } from "../../src/app/guards";
import { keepDoing } from "../../src/app/keep";
import type { Session } from "../../src/app/membership";
import type { Route } from "../../src/app/routes";
import { createStore } from "../../src/app/store";
import { chatStart, type Phone, phone, WISH } from "../support/phone";

const CONFIG = {
  signIn: { password: true, google: null, singleSignOn: null },
  guests: true,
  campus: false,
};

beforeEach(() => sessionStorage.clear());

/** A page at an address, with a history that only counts. */
async function page(at: Route, state: Session["state"], here?: Phone) {
  const held = here ?? (await phone());
  const session = createStore<Session>({ state, config: CONFIG, user: null, trouble: null });
  const route = createStore<Route>(at);
  const visited: string[] = [];
  startGuards({
    session,
    route,
    talk: held.talk,
    navigate(to, options = {}) {
      if (to === route.get()) return;
      visited.push(options.replace ? `${to} instead` : to);
      route.set(to);
    },
  });
  const become = (next: Session["state"], more: Partial<Session> = {}): void =>
    session.update((now) => ({ ...now, state: next, ...more }));
  return { ...held, session, route, visited, become };
}

it("nothing is shown before it is known who is here", async () => {
  const { become, visited } = await page("start", "loading");
  expect(admitted.get()).toBe(false);
  become("in");
  expect(admitted.get()).toBe(true);
  expect(visited).toEqual([]);
});

it("whoever has to sign in first goes on to where they wanted to go", async () => {
  const { become, visited } = await page("blocked", "out");
  become("in");
  expect(visited).toEqual(["signin instead", "blocked instead"]);
});

it("a guest who wanted what is for members goes to the start", async () => {
  const { become, route } = await page("blocked", "out");
  route.set("welcome");
  become("guest");
  expect(route.get()).toBe("start");
});

it("whoever signs out is welcomed again, whoever was signed out may sign in", async () => {
  const { become, visited } = await page("account", "in");
  become("out");
  expect(visited).toEqual(["welcome instead"]);
  const other = await page("account", "in");
  const trouble = {
    status: 401,
    code: "no_session",
    detail: "",
    retryAfter: null,
    until: null,
    reason: null,
    appealToken: null,
  };
  other.become("out", { trouble });
  expect(other.visited).toEqual(["signin instead"]);
});

it("a search has its screen, and the chat takes that screen's place", async () => {
  const { talk, hear, visited } = await page("start", "guest");
  talk.seek(WISH);
  await hear("chatStart", chatStart("A"));
  expect(visited).toEqual(["waiting", "chat instead"]);
});

it("a chat that begins while one reads the help is shown", async () => {
  const { talk, hear, visited } = await page("help", "guest");
  talk.seek(WISH);
  expect(visited).toEqual([]);
  await hear("chatStart", chatStart("A"));
  expect(visited).toEqual(["chat"]);
});

it("back from waiting stops the search", async () => {
  const { talk, route } = await page("start", "guest");
  talk.seek(WISH);
  route.set("start");
  expect(talk.state.get().phase).toBe("idle");
});

it("back from a chat that is over puts it away", async () => {
  const { talk, hear, route } = await page("start", "guest");
  talk.seek(WISH);
  await hear("chatStart", chatStart("A"));
  talk.leave();
  expect(route.get()).toBe("chat");
  route.set("start");
  expect(talk.state.get()).toMatchObject({ phase: "idle", chat: null });
});

it("after a reload a search goes on with its wish", async () => {
  const before = await phone();
  keepDoing(before.talk.state);
  before.talk.seek(WISH);
  const { talk, route } = await page("waiting", "guest");
  expect(talk.state.get()).toMatchObject({ phase: "waiting", wish: WISH });
  expect(route.get()).toBe("waiting");
});

it("after a reload in a chat there is a word about it, once", async () => {
  const before = await phone();
  keepDoing(before.talk.state);
  await before.meet("A");
  const { talk, route } = await page("chat", "guest");
  expect(talk.state.get().notice?.text).toBe("talk.reloaded");
  expect(route.get()).toBe("start");
  expect((await page("chat", "guest")).talk.state.get().notice).toBeNull();
});
