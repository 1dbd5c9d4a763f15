/** A real talk over a line that a test speaks into: what is asked goes on a list, what the server says is said here. */

import { createTalk, type TalkController } from "../src/app/talk";
import type { Line, LineParts } from "../src/wire/line";

export interface Talking {
  talk: TalkController;
  /** What the server was asked, newest last. */
  asked: [event: string, ...args: unknown[]][];
  /** Answers of the server to an event; `{ ok: true }` to all others. `never` for one that does not come. */
  answers: Record<string, object | "never">;
  hear(event: string, ...args: unknown[]): void;
  /** Somebody is found. */
  meet(chat?: object): void;
  /** The partner says something. */
  heard(text: string): void;
  line: LineParts["changed"];
}

const PARTNER = "partner";

/** Everything that the server has answered by now has been acted on. */
export function answered(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

export function talking({ hidden = false } = {}): Talking {
  const heard = new Map<string, (...args: unknown[]) => void>();
  const asked: Talking["asked"] = [];
  const answers: Talking["answers"] = {};
  let state: ReturnType<Line["state"]> = { is: "off" };
  let changed: LineParts["changed"] = () => undefined;
  let count = 0;
  let seq = 0;

  const answer = (event: string): Promise<never> => {
    const given = answers[event] ?? standard(event);
    return given === "never" ? new Promise(() => undefined) : Promise.resolve(given as never);
  };
  const standard = (event: string): object => {
    if (event === "findChat" || event === "next") return { ok: true, position: 1, estimate: null };
    if (event === "sendMessage") return { ok: true, id: `own-${++seq}`, seq };
    return { ok: true };
  };
  const talk = createTalk({
    line(parts) {
      changed = (now) => {
        state = now;
        parts.changed(now);
      };
      return {
        open: () => changed({ is: "connecting" }),
        close: () => changed({ is: "off" }),
        hurry: () => undefined,
        state: () => state,
        on: (event, hear) => void heard.set(event, hear as never),
        ask(event, ...args) {
          asked.push([event, ...args]);
          return answer(event);
        },
      };
    },
    credentials: async () => ({ token: null }),
    freshToken: async () => null,
    iceServers: async () => ({}),
    now: Date.now,
    newId: () => `c${++count}`,
    hidden: () => hidden,
    wait: () => new Promise(() => undefined),
  });
  const hear: Talking["hear"] = (event, ...args) => heard.get(event)?.(...args);
  let chats = 0;
  let running = "";

  changed({ is: "online", id: "me", kept: false });
  return {
    talk,
    asked,
    answers,
    hear,
    line: (now) => changed(now),
    meet(chat = {}) {
      talk.seek(talk.state.get().wish);
      running = `chat-${++chats}`;
      seq = 0;
      hear("chatStart", { ...CHAT, chatId: running, ...chat });
    },
    heard(text) {
      seq += 1;
      const timestamp = new Date().toISOString();
      hear("message", { sender: PARTNER, text, id: `${running}-${seq}`, seq, chatId: running, timestamp });
    },
  };
}

const CHAT = {
  partnerId: PARTNER,
  partnerName: "Quiet Otter",
  yourName: "Brave Kite",
  withVideo: false,
  yourVideo: false,
  partnerVideo: false,
  commonInterests: [],
};
