import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { DRAWN } from "../../src/domain/bubbles";
import type { Chat } from "../../src/domain/talk";
import { MessageList } from "../../src/parts/MessageList";
import { draw, find, press } from "../design/drawn";
import { answered, talking } from "../talking";

const room = talking();
const retried: string[] = [];

function begin(): void {
  retried.length = 0;
  room.meet();
}

function chat(): Chat {
  const { chat: running } = room.talk.state.get();
  if (running === null) throw new Error("no chat runs");
  return running;
}

function show(onRetry: ((key: string) => void) | undefined = (key) => retried.push(key)): void {
  draw(<MessageList chat={chat()} onRetry={onRetry} />);
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
  begin();
  room.talk.say("hello");
  room.heard("hi!");
  show();
  expect(find("[role=log]").getAttribute("aria-live")).toBe("polite");
  expect(items().map((item) => item.getAttribute("aria-live"))).toEqual(["off", null]);
  expect(items()[1]?.textContent).toContain("Quiet Otter: hi!");
});

test("one's own message says how it fares, in words too", async () => {
  begin();
  room.answers["sendMessage"] = "never";
  room.talk.say("hello");
  show();
  expect(items()[0]?.textContent).toContain("Being sent");
  delete room.answers["sendMessage"];
});

test("what did not go through can be sent again", async () => {
  begin();
  room.answers["sendMessage"] = { ok: false, code: "too_long", message: "" };
  room.talk.say("hello");
  await answered();
  show();
  expect(find("[role=alert]").textContent).toContain("Not sent");
  press(find("button", "Try again"));
  expect(retried).toEqual([chat().messages[0]?.key]);
  show(undefined);
  delete room.answers["sendMessage"];
});

test("addresses are links that give nothing away; markup stays text", () => {
  begin();
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
  begin();
  for (let count = 0; count < DRAWN + 5; count += 1) room.heard(`message ${count}`);
  show();
  expect(items()).toHaveLength(DRAWN);
  press(find("button", "Show earlier messages (5)"));
  expect(items()).toHaveLength(DRAWN + 5);
  expect(document.querySelector(".messages-earlier")).toBeNull();
});

test("who reads further up stays there, and a button tells what has come", () => {
  begin();
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
  begin();
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
