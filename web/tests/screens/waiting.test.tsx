import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Waiting } from "../../src/screens/Waiting";
import { draw, find, press } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;

beforeEach(() => {
  vi.useFakeTimers();
  room = talking();
  room.answers.findChat = "never";
});
afterEach(() => {
  draw(null);
  vi.useRealTimers();
});

const page = (): string => document.body.textContent ?? "";

function wait({ interests = [] as string[] } = {}): void {
  room.talk.seek({ withVideo: false, interests, language: null });
  draw(<Waiting talk={room.talk} />);
}

function pass(seconds: number): void {
  act(() => void vi.advanceTimersByTime(seconds * 1000));
}

test("one learns one's place, and a time in words", () => {
  wait();
  expect(page()).toContain("Nobody can say yet how long it takes");
  act(() => room.hear("queueStatus", { position: 3, estimate: 40 }));
  expect(find(".waiting-place").textContent).toBe("You are number 3 in the queueUsually under a minute");
});

test("the clock counts, and is not read aloud each second", () => {
  wait();
  pass(75);
  expect(page()).toContain("Waiting for 1:15");
  expect(find(".waiting-since").closest("[role=status], [aria-live]")).toBeNull();
});

test("one can stop at any time", () => {
  wait();
  press(find("button", "Stop looking"));
  expect(room.asked.at(-1)).toEqual(["cancelSearch"]);
  expect(room.talk.state.get().phase).toBe("idle");
});

test("who is alone is told so after half a minute, not before", () => {
  room.hear("onlineUsers", 1);
  wait();
  pass(29);
  expect(page()).not.toContain("Nobody else is here right now.");
  pass(2);
  expect(page()).toContain("Nobody else is here right now.");
});

test("a narrow wish can be widened with one tap", () => {
  room.hear("onlineUsers", 8);
  wait({ interests: ["chess"] });
  pass(31);
  press(find("button", "Look for anybody"));
  expect(room.asked.at(-1)).toEqual(["findChat", { withVideo: false, interests: [], language: null }]);
  expect(document.body.textContent).not.toContain("Look for anybody");
});

test("tips come one after the other", () => {
  wait();
  const first = find(".waiting-tip").textContent;
  pass(12);
  expect(find(".waiting-tip").textContent).not.toBe(first);
});
