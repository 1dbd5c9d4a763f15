import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { DRAWN } from "../../src/domain/bubbles";
import type { Chat } from "../../src/domain/talk";
import { MessageList } from "../../src/parts/MessageList";
import { draw, find, press } from "../design/drawn";
import { answered, type Talking, talking } from "../talking";

let room: Talking;
let retried: string[];

beforeEach(() => {
  room = talking();
  room.meet();
  retried = [];
});

function chat(): Chat {
  const { chat: running } = room.talk.state.get();
  if (running === null) throw new Error("no chat runs");
  return running;
}

function show(): void {
  draw(<MessageList chat={chat()} onRetry={(key) => retried.push(key)} />);
}

const items = (): HTMLLIElement[] => [...document.querySelectorAll<HTMLLIElement>(".said")];

/** A browser without a layout is told how high the list is, and where one has scrolled to. */
function layOut(at: number): HTMLElement {
  const log = find("[role=log]");
  Object.defineProperties(log, {
    clientHeight: { value: 300, configurable: true },
    scrollHeight: { get: () => 100 * items().length, configurable: true },
  });
  log.scrollTop = at;
  act(() => void log.dispatchEvent(new Event("scroll")));
  return log;
}

test("what the partner says is read out, what one says oneself is not", () => {
  room.heard("hi!");
  room.talk.say("hello");
  show();
  expect(find("[role=log]").getAttribute("aria-live")).toBe("polite");
  expect(items().map((item) => item.getAttribute("aria-live"))).toEqual([null, "off"]);
  expect(items()[0]?.textContent).toContain("Quiet Otter: hi!");
});

test("one's own message says how it fares, in words too", async () => {
  room.answers.sendMessage = "never";
  room.talk.say("hello");
  show();
  expect(items()[0]?.textContent).toContain("Being sent");
});

test("what did not go through can be sent again", async () => {
  room.answers.sendMessage = { ok: false, code: "too_long", message: "" };
  room.talk.say("hello");
  await answered();
  show();
  expect(find("[role=alert]").textContent).toContain("Not sent");
  press(find("button", "Try again"));
  expect(retried).toEqual([chat().messages[0]?.key]);
  draw(<MessageList chat={chat()} />); // as it is once the chat is over
  expect(document.querySelector(".said-retry")).toBeNull();
});

test("addresses are links that give nothing away; markup stays text", () => {
  room.heard("see https://example.org/a?b=1 <img src=x onerror=alert(1)> javascript:alert(1)");
  show();
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".said a")];
  expect(links.map(({ href, target, rel }) => [href, target, rel])).toEqual([
    ["https://example.org/a?b=1", "_blank", "noopener noreferrer nofollow ugc"],
  ]);
  expect(document.querySelector("img")).toBeNull();
  expect(items()[0]?.textContent).toContain("<img src=x onerror=alert(1)>");
});

test("of a long chat the newest are drawn, the others when one asks", () => {
  for (let count = 0; count < DRAWN + 5; count += 1) room.heard(`message ${count}`);
  show();
  expect(items()).toHaveLength(DRAWN);
  press(find("button", "Show earlier messages (5)"));
  expect(items()).toHaveLength(DRAWN + 5);
  expect(document.querySelector(".messages-earlier")).toBeNull();
});

test("who reads further up stays there, and a button tells what has come", () => {
  for (let count = 0; count < 10; count += 1) room.heard(`message ${count}`);
  show();
  const log = layOut(200);
  room.heard("one");
  show();
  room.heard("two");
  show();
  expect(log.scrollTop).toBe(200);
  press(find("button", "2 new messages"));
  expect(log.scrollTop).toBe(log.scrollHeight);
  expect(document.querySelector(".messages-new")).toBeNull();
});

test("who is at the end stays at the end, and so does who says something", () => {
  for (let count = 0; count < 10; count += 1) room.heard(`message ${count}`);
  show();
  const log = layOut(700);
  room.heard("one");
  show();
  expect(log.scrollTop).toBe(1100);
  layOut(100);
  room.talk.say("me");
  show();
  expect(log.scrollTop).toBe(1200);
});

test("in a long chat nothing moves under the eyes of who reads further up", () => {
  for (let count = 0; count < DRAWN + 5; count += 1) room.heard(`message ${count}`);
  show();
  layOut(200);
  const first = items()[0]?.textContent;
  room.heard("one");
  show();
  expect(items()[0]?.textContent).toBe(first);
  press(find("button", "1 new message"));
  room.heard("two");
  show();
  expect(items()).toHaveLength(DRAWN);
});
