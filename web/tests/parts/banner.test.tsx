import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionBanner } from "../../src/parts/ConnectionBanner";
import { draw, find, press } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;

beforeEach(() => {
  vi.useFakeTimers();
  room = talking();
  draw(<ConnectionBanner talk={room.talk} />);
});
afterEach(() => {
  draw(null);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const page = (): string => document.body.textContent ?? "";

function line(state: Parameters<Talking["line"]>[0]): void {
  act(() => room.line(state));
  act(() => void vi.advanceTimersByTime(1000));
}

test("while all is well there is nothing to say", () => {
  expect(page()).toBe("");
});

test("a connection that breaks is told, and in a chat what becomes of one's words", () => {
  line({ is: "reconnecting" });
  expect(page()).toContain("We lost the connection. Trying again …");
  expect(page()).not.toContain("Your messages are kept");
  line({ is: "online", id: "me", kept: true });
  expect(page()).toBe("");
  act(() => room.meet());
  line({ is: "reconnecting" });
  expect(page()).toContain("Your messages are kept and sent when you are back.");
});

test("a hiccup is not worth a word", () => {
  act(() => room.line({ is: "reconnecting" }));
  act(() => void vi.advanceTimersByTime(300));
  act(() => room.line({ is: "online", id: "me", kept: true }));
  act(() => void vi.advanceTimersByTime(5000));
  expect(page()).toBe("");
});

test("another tab can be called back to this one", () => {
  act(() => room.hear("seatTaken", {}));
  act(() => void vi.advanceTimersByTime(1000));
  press(find("button", "Use this tab"));
  expect(room.talk.state.get().line).toBe("online");
});

test("whoever is shut out learns why, until when, and what they can do", () => {
  act(() => room.hear("sanctioned", { kind: "suspension", reason: "Insults.", until: null }));
  line({ is: "refused", code: "account_suspended", message: "no", until: "2027-01-01T12:30:00Z" });
  expect(page()).toContain("Your account is paused. The reason: Insults. This holds until");
  expect(page()).toContain("2027");
  vi.stubGlobal("fetch", async () => Response.json({}));
  press(find("button", "What you can do")); // only a sign-in tells more
  expect(location.pathname).toBe("/signin");
});

test("who has to sign in is led there", () => {
  line({ is: "refused", code: "token_missing", message: "no", until: null });
  expect(find<HTMLAnchorElement>("a", "Sign in").pathname).toBe("/signin");
});

test("a refusal that is new to this page is told in the server's words", () => {
  line({ is: "refused", code: "quite_new", message: "Come back on Monday.", until: null });
  expect(page()).toContain("Come back on Monday.");
  press(find("button", "Try again"));
  expect(room.talk.state.get().line).toBe("connecting");
});
