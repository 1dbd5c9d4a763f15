import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { past } from "../../src/app/past";
import { navigate, route } from "../../src/app/router";
import { markDevicesTried, setWish, wish } from "../../src/app/wish";
import { NO_WISH } from "../../src/domain/interests";
import { Start } from "../../src/screens/Start";
import { draw, find, key, press, type } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;

beforeEach(() => {
  localStorage.clear();
  setWish(NO_WISH);
  navigate("start");
  room = talking();
  draw(<Start talk={room.talk} />);
});
afterEach(() => past.set(null));

const page = (): string => document.body.textContent ?? "";

function choose(label: string): void {
  const found = [...document.querySelectorAll("label")].find(({ textContent }) =>
    textContent?.startsWith(label),
  );
  press(found?.querySelector("input") as HTMLElement);
}

function meet(): void {
  act(() => find<HTMLFormElement>("form").requestSubmit());
}

test("one tap, and somebody is looked for", () => {
  meet();
  expect(room.asked).toEqual([["findChat", { withVideo: false, interests: [], language: null }]]);
  expect(room.talk.state.get().phase).toBe("waiting");
});

test("what one likes goes along, and is there the next time", () => {
  const field = find<HTMLInputElement>(".chips-input");
  type(field, "Chess");
  key(field, "Enter");
  meet();
  expect(room.asked[0]?.[1]).toMatchObject({ interests: ["Chess"] });
  expect(JSON.parse(localStorage.getItem("meetmates.wish") ?? "")).toMatchObject({ interests: ["Chess"] });
});

test("a language can be wished for, in its own name", () => {
  const select = find<HTMLSelectElement>("select");
  act(() => {
    select.value = "ta";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect([...select.options].find(({ value }) => value === "ta")?.text).toBe("தமிழ்");
  meet();
  expect(room.asked[0]?.[1]).toMatchObject({ language: "ta" });
});

test("before the first video call one looks at camera and microphone, afterwards not again", () => {
  choose("Video");
  meet();
  expect(route.get()).toBe("devices");
  expect(room.asked).toEqual([]);
  markDevicesTried();
  meet();
  expect(room.asked[0]?.[1]).toMatchObject({ withVideo: true });
});

test("who is here is told", () => {
  act(() => room.hear("onlineUsers", 1234));
  expect(page()).toContain("1,234 people are here");
  act(() => room.hear("onlineUsers", 1));
  expect(page()).toContain("You are the only one here at the moment");
});

test("what is held against somebody is told with its reason, and a warning can be put aside", () => {
  act(() => room.hear("sanctioned", { kind: "warning", reason: "Please be kind.", until: null }));
  expect(page()).toContain("Please be kind.");
  press(find("button", "Close"));
  expect(page()).not.toContain("Please be kind.");
});

test("a mute stays in sight, with its end", () => {
  act(() => room.hear("sanctioned", { kind: "mute", reason: "Insults.", until: "2027-01-01T12:30:00Z" }));
  expect(page()).toContain("You cannot write messages at the moment.");
  expect(page()).toContain("2027");
  expect(document.querySelector('.notice [aria-label="Close"]')).toBeNull();
});

test("the one who has just left can still be reported here", () => {
  act(() => past.set({ chatId: "c", partnerName: "Quiet Otter", endedAt: Date.now(), contact: null }));
  expect(page()).toContain("You have just talked with Quiet Otter.");
});

test("a wish is tidied before it is kept", () => {
  setWish({ interests: ["tea", "Tea", ""] });
  expect(wish.get().interests).toEqual(["tea"]);
});

test("an address that was shared stays in sight, also when it is too late to report", () => {
  const contact = { name: "Ben", contact: "ben@college.edu" };
  act(() => past.set({ chatId: "c", partnerName: "Quiet Otter", endedAt: 0, contact }));
  expect(page()).toContain("ben@college.edu");
  expect(page()).not.toContain("Was something wrong?");
});
