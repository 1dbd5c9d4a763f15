import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { counted, setSound, sound, startAttention } from "../../src/app/attention";
import { type Talking, talking } from "../talking";

let stop: () => void = () => undefined;
let played: number;

beforeEach(() => {
  document.title = "Chat – MeetMates";
  played = 0;
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
});
afterEach(() => {
  stop();
  setSound(false);
  vi.restoreAllMocks();
});

function watched(): Talking {
  const room = talking({ hidden: true });
  stop = startAttention(room.talk.state, () => {
    played += 1;
  });
  return room;
}

test("the title counts what came while one looked elsewhere", () => {
  const room = watched();
  room.meet();
  room.heard("hello?");
  room.heard("are you there?");
  expect(document.title).toBe("(2) Chat – MeetMates");
  room.talk.seen();
  expect(document.title).toBe("Chat – MeetMates");
});

test.each([
  ["MeetMates", 0, "MeetMates"],
  ["(3) MeetMates", 4, "(4) MeetMates"],
  ["MeetMates", 120, "(99+) MeetMates"],
  ["(99+) MeetMates", 0, "MeetMates"],
])("%s with %d unread is %s", (title, unread, told) => {
  expect(counted(title, unread)).toBe(told);
});

test("nothing sounds until somebody asks for it", () => {
  expect(sound.get()).toBe(false);
  const room = watched();
  room.meet();
  room.heard("hello?");
  expect(played).toBe(0);
});

test("with the sound on, one hears that somebody is found, and what they say, but not oneself", () => {
  setSound(true);
  const room = watched();
  room.meet();
  expect(played).toBe(1);
  room.heard("hello?");
  expect(played).toBe(2);
  room.talk.say("yes!");
  room.talk.typing(true);
  expect(played).toBe(2);
});

test("who looks at the page needs no sound", () => {
  setSound(true);
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  const room = watched();
  room.meet();
  room.heard("hello?");
  expect(played).toBe(0);
});

test("the choice is kept in this browser", () => {
  setSound(true);
  expect(localStorage.getItem("meetmates.sound")).toBe("on");
  setSound(false);
  expect(localStorage.getItem("meetmates.sound")).toBe("off");
});
