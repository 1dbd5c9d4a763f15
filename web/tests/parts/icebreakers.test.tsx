import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QUIET_FIRST, QUIET_LATER } from "../../src/domain/icebreakers";
import type { Chat } from "../../src/domain/talk";
import { Icebreakers } from "../../src/parts/Icebreakers";
import { draw, find, press } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;
let picked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  room = talking();
  room.meet({ commonInterests: ["chess"] });
  picked = [];
  show();
});
afterEach(() => {
  draw(null);
  vi.useRealTimers();
});

function show(): void {
  const chat = room.talk.state.get().chat as Chat;
  draw(<Icebreakers chat={chat} onPick={(text) => picked.push(text)} />);
}

function pass(milliseconds: number): void {
  act(() => void vi.advanceTimersByTime(milliseconds));
}

const offered = (): string[] =>
  [...document.querySelectorAll(".ice-pick")].map(({ textContent }) => textContent ?? "");

test("help comes when nobody has found a first word", () => {
  pass(QUIET_FIRST - 1);
  expect(offered()).toEqual([]);
  pass(1);
  expect(offered()).toHaveLength(3);
  expect(offered()[0]).toContain("chess");
});

test("a word takes it away, and a longer silence brings it back", () => {
  pass(QUIET_FIRST);
  room.heard("hello");
  show();
  expect(offered()).toEqual([]);
  pass(QUIET_LATER - 1);
  expect(offered()).toEqual([]);
  pass(1);
  expect(offered()).toHaveLength(3);
});

test("one tap hands it over, and the next silence has others", () => {
  pass(QUIET_FIRST);
  const before = offered();
  press(document.querySelector(".ice-pick") as HTMLElement);
  expect(picked).toEqual([before[0]]);
  expect(offered()).toEqual([]);
  pass(QUIET_FIRST);
  expect(offered()).not.toEqual(before);
});

test("who wants none gets none in this chat", () => {
  pass(QUIET_FIRST);
  press(find("button", "No suggestions in this chat"));
  pass(10 * QUIET_LATER);
  expect(offered()).toEqual([]);
});
