import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { concern } from "../../src/app/safety";
import { Chat } from "../../src/screens/Chat";
import { draw, find, key, press, type } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;

beforeEach(() => {
  vi.useFakeTimers();
  room = talking();
  draw(<Chat talk={room.talk} />);
});
afterEach(() => {
  draw(null);
  concern.set(null);
  vi.useRealTimers();
});

const page = (): string => document.body.textContent ?? "";
const field = (): HTMLInputElement => find<HTMLInputElement>("textarea");

function meet(chat: object = {}): void {
  act(() => room.meet(chat));
}

function pass(milliseconds: number): void {
  act(() => void vi.advanceTimersByTime(milliseconds));
}

function pick(item: string): void {
  press(find("button", "More"));
  press(find(".menu-item", item));
}

test("one learns whom one has found, who one is, and what both like", () => {
  meet({ commonInterests: ["chess", "tea"] });
  expect(find("h1").textContent).toBe("Quiet Otter");
  expect(find(".chat-you").textContent).toBe("You are Brave Kite");
  expect(find(".chat-common").textContent).toBe("You both likechesstea");
});

test("a server without names leaves nobody nameless", () => {
  meet({ partnerName: undefined, yourName: undefined });
  expect(find("h1").textContent).toBe("Somebody");
});

test("a text chat opens no stage, and so no camera", () => {
  meet();
  expect(document.querySelector(".chat-stage")).toBeNull();
});

test("what is written is said", () => {
  meet();
  type(field(), "hello");
  key(field(), "Enter");
  expect(room.asked.filter(([event]) => event === "sendMessage")).toEqual([["sendMessage", "hello", "c1"]]);
});

test("a double tap on next skips one person, not two", () => {
  meet();
  pass(700);
  press(find("button", "Next"));
  meet();
  press(find("button", "Next"));
  expect(room.asked.filter(([event]) => event === "next")).toHaveLength(1);
  pass(700);
  press(find("button", "Next"));
  expect(room.asked.filter(([event]) => event === "next")).toHaveLength(2);
});

test("leaving, reporting and blocking are two taps away", () => {
  meet();
  pick("Report");
  expect(concern.get()).toEqual({ kind: "report", chatId: "chat-1", name: "Quiet Otter" });
  pick("Block");
  expect(concern.get()?.kind).toBe("block");
  pick("Leave the chat");
  expect(page()).toContain("You left.");
});

test("the partner who writes is seen to, and the one whose connection is lost is told to be away", () => {
  meet();
  act(() => room.hear("partnerTyping", { typing: true }));
  expect(find("[role=img]", "Quiet Otter is writing")).toBeTruthy();
  act(() => room.hear("partnerReconnecting", {}));
  expect(page()).toContain("Their connection is lost. They have a few seconds to return.");
  expect(document.querySelector(".typing")).toBeNull();
  act(() => room.hear("partnerBack", {}));
  expect(page()).not.toContain("Their connection is lost.");
});

test("a chat that is over can still be read, reported and blocked, and leads on", () => {
  meet();
  act(() => room.heard("goodbye"));
  act(() => room.hear("partnerLeft", { partnerId: "partner" }));
  expect(page()).toContain("Quiet Otter has left.");
  expect(page()).toContain("goodbye");
  expect(document.querySelector("textarea")).toBeNull();
  press(find(".over button", "Report"));
  expect(concern.get()).toEqual({ kind: "report", chatId: "chat-1", name: "Quiet Otter" });
  press(find(".over button", "Meet somebody else"));
  expect(room.talk.state.get().phase).toBe("waiting");
});

test("one can go back to the start instead", () => {
  meet();
  act(() => room.talk.leave());
  press(find("button", "Back to start"));
  expect(room.talk.state.get()).toMatchObject({ phase: "idle", chat: null });
});

test("a connection that was away for too long is told as what it is", () => {
  meet();
  act(() => room.line({ is: "online", id: "me2", kept: false }));
  expect(page()).toContain("The connection was away for too long.");
});

test("a draft outlives a lost connection", () => {
  meet();
  type(field(), "half a thou");
  act(() => room.line({ is: "reconnecting" }));
  act(() => room.line({ is: "online", id: "me", kept: true }));
  expect(field().value).toBe("half a thou");
});

test("a draft for one person is not there for the next", () => {
  meet();
  type(field(), "half a thou");
  meet();
  expect(field().value).toBe("");
});

test("who is muted reads why, and writes again when it is over", () => {
  vi.setSystemTime("2027-01-01T12:00:00Z");
  meet();
  act(() => room.hear("sanctioned", { kind: "mute", reason: "Insults.", until: "2027-01-01T12:01:00Z" }));
  expect(document.querySelector("textarea")).toBeNull();
  expect(page()).toContain("Insults.");
  pass(66_000);
  expect(page()).not.toContain("Insults.");
  expect(document.querySelector("textarea")).not.toBeNull();
});

test("keeping in touch is asked for by the heart", () => {
  meet();
  press(find("button", "Keep in touch"));
  expect(page()).toContain("If Quiet Otter says yes as well, you both learn it.");
});

test("a silence at the start is helped by a suggestion that one can still change", () => {
  meet();
  pass(20_000);
  const suggestion = find(".ice-pick");
  const words = suggestion.textContent ?? "";
  press(suggestion);
  expect(field().value).toBe(words);
});
