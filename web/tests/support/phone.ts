/** A talk whose other end is held by the test: it sees what is asked, answers it or not, and cuts the line. */

import { createTalk, type TalkController, type TalkParts } from "../../src/app/talk";
import type { Line, LineParts, LineState } from "../../src/wire/line";

interface Question {
  event: string;
  args: unknown[];
  reply(answer: object): void;
}

export interface Phone {
  talk: TalkController;
  /** Events that were asked since the last look, with their arguments. */
  asked(): unknown[][];
  /** Answers the oldest open question of that name. */
  answer(event: string, answer?: object): Promise<void>;
  hear(event: string, ...args: unknown[]): Promise<void>;
  /** The line breaks: what was asked and not answered never will be. */
  cut(): Promise<void>;
  back(kept: boolean): Promise<void>;
  become(state: LineState): Promise<void>;
  /** Time goes by. */
  pass(milliseconds: number): Promise<void>;
  /** Somebody is found, in the chat of that name. */
  meet(id: string): Promise<void>;
  /** The server's copy of a message. */
  copy(chatId: string, seq: number, text: string, mine: boolean): Promise<void>;
}

export const ME = "me";
export const WISH = { withVideo: false, interests: ["tea"], language: null };

export const partnerOf = (chatId: string): string => `partner of ${chatId}`;

export function chatStart(chatId: string): object {
  return {
    chatId,
    partnerId: partnerOf(chatId),
    withVideo: false,
    yourVideo: false,
    partnerVideo: false,
    commonInterests: [],
  };
}

export async function phone(parts: Partial<TalkParts> = {}): Promise<Phone> {
  const hearing = new Map<string, ((...args: unknown[]) => void)[]>();
  let open: Question[] = [];
  let news: Question[] = [];
  let timers: { at: number; ring(): void }[] = [];
  let now = 1_000_000;
  let names = 0;
  let state: LineState = { is: "off" };
  let changed: (state: LineState) => void = () => undefined;
  let credentials: LineParts["credentials"] = async () => "trouble";

  const line: Line = {
    open: () => changed({ is: "connecting" }),
    close: () => changed({ is: "off" }),
    hurry: () => undefined,
    state: () => state,
    on: (event, heard) => void hearing.set(event, [...(hearing.get(event) ?? []), heard as () => void]),
    ask: (event, ...args) =>
      new Promise((resolve) => {
        if (state.is !== "online") return resolve({ ok: false, code: "offline", message: "" });
        const question = { event, args, reply: resolve as Question["reply"] };
        open.push(question);
        news.push(question);
      }),
  };
  const talk = createTalk({
    line(given) {
      credentials = given.credentials;
      changed = (next) => {
        state = next;
        given.changed(next);
      };
      return line;
    },
    credentials: async () => ({ token: null }),
    freshToken: async () => null,
    iceServers: async () => ({ iceServers: [] }),
    now: () => now,
    newId: () => `c${++names}`,
    hidden: () => false,
    wait: (milliseconds) => new Promise((ring) => timers.push({ at: now + milliseconds, ring })),
    ...parts,
  });

  const become = async (next: LineState): Promise<void> => {
    changed(next);
    await settled();
  };
  const held: Phone = {
    talk,
    become,
    asked() {
      const seen = news.map(({ event, args }) => [event, ...args]);
      news = [];
      return seen;
    },
    async answer(event, answer = { ok: true }) {
      const question = open.find((one) => one.event === event);
      if (question === undefined) throw new Error(`nobody asked for ${event}`);
      open = open.filter((one) => one !== question);
      question.reply(answer);
      await settled();
    },
    async hear(event, ...args) {
      for (const heard of hearing.get(event) ?? []) heard(...args);
      await settled();
    },
    async cut() {
      const unanswered = open;
      open = [];
      changed({ is: "reconnecting" });
      for (const question of unanswered) question.reply({ ok: false, code: "offline", message: "" });
      await settled();
    },
    back: (kept) => become({ is: "online", id: ME, kept }),
    async pass(milliseconds) {
      now += milliseconds;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { ring } of due) ring();
      await settled();
    },
    async meet(id) {
      talk.seek(WISH);
      await held.answer("findChat", { ok: true, position: 0, estimate: null });
      await held.hear("chatStart", chatStart(id));
      held.asked();
    },
    copy: (chatId, seq, text, mine) =>
      held.hear("message", {
        chatId,
        seq,
        id: `${chatId}-${seq}`,
        text,
        sender: mine ? ME : partnerOf(chatId),
        senderEmail: "Anonymous",
        timestamp: new Date(now).toISOString(),
      }),
  };
  await credentials();
  await held.back(false);
  return held;
}

/** All that follows from what has just happened has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
