import { describe, expect, it } from "vitest";
import { type Screen, type Standing, screenFor } from "../../src/domain/guard";

const out: Standing = { who: "out", guests: true, phase: "idle" };
const guest: Standing = { ...out, who: "guest" };
const member: Standing = { ...out, who: "in" };

function table(standing: Standing, rows: Partial<Record<Screen, Screen | null>>): void {
  for (const [wanted, shown] of Object.entries(rows)) {
    it(`${wanted} is ${shown ?? "not known yet"}`, () => {
      expect(screenFor(wanted as Screen, standing)).toBe(shown);
    });
  }
}

describe("for somebody outside, where guests are let in,", () => {
  table(out, { welcome: "welcome", signin: "signin", help: "help", start: "welcome", account: "signin" });
});

describe("for somebody outside, where they are not,", () => {
  table(
    { ...out, guests: false },
    { welcome: "welcome", start: "signin", waiting: "signin", chat: "signin" },
  );
});

describe("for somebody outside, while the server has not said so,", () => {
  table({ ...out, guests: null }, { welcome: "welcome", start: null, account: "signin" });
});

describe("for a guest,", () => {
  table(guest, { welcome: "start", start: "start", signin: "signin", account: "signin", blocked: "signin" });
});

describe("for a member,", () => {
  table(member, { welcome: "start", signin: "start", account: "account", waiting: "start", chat: "start" });
});

describe("for a member who waits,", () => {
  table(
    { ...member, phase: "waiting" },
    { welcome: "waiting", chat: "waiting", start: "start", help: "help" },
  );
});

describe("for a member in a chat,", () => {
  table(
    { ...member, phase: "chatting" },
    { waiting: "chat", chat: "chat", signin: "chat", account: "account" },
  );
});

describe("for a member whose chat is over,", () => {
  table({ ...member, phase: "over" }, { chat: "chat", waiting: "chat", start: "start" });
});
