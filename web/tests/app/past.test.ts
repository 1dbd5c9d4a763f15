import { afterEach, beforeEach, expect, test } from "vitest";
import { past, REACHABLE, reachable, rememberChats } from "../../src/app/past";
import { type Talking, talking } from "../talking";

let room: Talking;
let now = 1000;
let stop: () => void;

beforeEach(() => {
  past.set(null);
  room = talking();
  stop = rememberChats(room.talk.state, () => now);
});
afterEach(() => stop());

test("a chat that runs is no past one", () => {
  room.meet();
  expect(past.get()).toBeNull();
});

test("the partner who moves on can still be reached", () => {
  room.meet();
  room.hear("partnerLeft", { partnerId: "partner" });
  room.hear("waiting");
  expect(past.get()).toEqual({ chatId: "chat-1", partnerName: "Quiet Otter", endedAt: 1000, contact: null });
});

test("so can the one whom one has left oneself, until the next one is left", () => {
  room.meet();
  room.talk.next();
  expect(past.get()?.chatId).toBe("chat-1");
  room.meet();
  expect(past.get()?.chatId).toBe("chat-1");
  room.talk.leave();
  expect(past.get()?.chatId).toBe("chat-2");
});

test("it is over after five minutes", () => {
  room.meet();
  room.talk.leave();
  now += REACHABLE - 1;
  expect(reachable(past.get(), now)).not.toBeNull();
  now += 1;
  expect(reachable(past.get(), now)).toBeNull();
});

test("an address that both have shared is not lost when the other one moves on at once", () => {
  room.meet();
  room.talk.keepInTouch(true);
  room.hear("keptInTouch", { name: "Ben", contact: "ben@college.edu" });
  room.hear("partnerLeft", { partnerId: "partner" });
  room.hear("waiting");
  expect(past.get()?.contact).toEqual({ name: "Ben", contact: "ben@college.edu" });
});

test("who signs out leaves nothing of it to the next one at the same device", () => {
  room.meet();
  room.talk.disconnect();
  expect(past.get()).toBeNull();
});
