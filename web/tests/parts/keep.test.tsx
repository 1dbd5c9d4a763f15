import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import type { Chat } from "../../src/domain/talk";
import { KeepInTouchDialog, KeptInTouch } from "../../src/parts/KeepInTouch";
import { draw, find, press } from "../design/drawn";
import { type Talking, talking } from "../talking";

let room: Talking;
let closed: number;

beforeEach(() => {
  room = talking();
  room.meet();
  closed = 0;
});

const chat = (): Chat => room.talk.state.get().chat as Chat;
const page = (): string => document.body.textContent ?? "";
const answers = (): unknown[] =>
  room.asked.filter(([event]) => event === "keepInTouch").map(([, yes]) => yes);

function ask(address: string | null): void {
  const keep = (yes: boolean): void => room.talk.keepInTouch(yes);
  draw(<KeepInTouchDialog chat={chat()} address={address} keep={keep} onClose={() => (closed += 1)} />);
}

test("what is shared is said before it is", () => {
  ask("ana@college.edu");
  expect(page()).toContain("Then Quiet Otter sees your e-mail address: ana@college.edu");
  press(find("button", "Yes, if they do too"));
  expect(answers()).toEqual([true]);
  expect(closed).toBe(1);
});

test("a no is told to nobody, not even to the server", () => {
  ask("ana@college.edu");
  press(find("button", "Not now"));
  expect(answers()).toEqual([]);
});

test("a guest is told that there is no address to share", () => {
  ask(null);
  expect(page()).toContain("You are a guest and have no address to share.");
});

test("a yes can be taken back while the other one has not said it", () => {
  room.talk.keepInTouch(true);
  ask("ana@college.edu");
  press(find("button", "Take it back"));
  expect(answers()).toEqual([true, false]);
});

test("both learn it when both said yes", () => {
  room.talk.keepInTouch(true);
  draw(<KeptInTouch chat={chat()} />);
  expect(page()).toContain("If Quiet Otter would too, you both see it here.");
  act(() => room.hear("keptInTouch", { name: "Ben", contact: "ben@college.edu" }));
  draw(<KeptInTouch chat={chat()} />);
  expect(find("[role=status]").textContent).toContain("Ben");
  expect(page()).toContain("ben@college.edu");
});

test("a partner without an address is no riddle", () => {
  room.talk.keepInTouch(true);
  act(() => room.hear("keptInTouch", { name: "Calm Kite", contact: null }));
  draw(<KeptInTouch chat={chat()} />);
  expect(page()).toContain("Calm Kite is a guest and has no address.");
});

test("where nobody asked, nothing is shown", () => {
  draw(<KeptInTouch chat={chat()} />);
  expect(page()).toBe("");
});
