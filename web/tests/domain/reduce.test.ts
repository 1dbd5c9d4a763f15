import { describe, expect, it } from "vitest";
import { type Event, NO_TALK, reduce, type Start } from "../../src/domain/reduce";
import type { Talk } from "../../src/domain/talk";
import { type Dice, dice } from "../support/random";

const WISH = { withVideo: false, interests: ["tea"], language: null };

function start(id: string): Start {
  return {
    id,
    partnerId: `partner of ${id}`,
    partnerName: "Breezy Lantern",
    yourName: "Curious Otter",
    yourVideo: false,
    partnerVideo: false,
    commonInterests: [],
  };
}

const story = (...events: Event[]): Talk => events.reduce(reduce, NO_TALK);
const online: Event = { type: "online", kept: false };
const back: Event = { type: "online", kept: true };
const seek: Event = { type: "seek", wish: WISH, at: 1000 };
const started = (id: string): Event => ({ type: "started", chat: start(id), at: 2000 });
const said = (clientId: string): Event => ({ type: "said", clientId, text: "hello", at: 3000 });
const heard = (chatId: string, seq: number, hidden = false): Event => ({
  type: "heard",
  chatId,
  id: `${chatId}-${seq}`,
  seq,
  mine: false,
  text: "hi",
  at: 3000 + seq,
  hidden,
});

describe("looking for somebody", () => {
  it("tells since when, and where one stands", () => {
    const talk = story(online, seek, { type: "placed", place: { position: 3, estimate: 20 } });
    expect(talk).toMatchObject({
      phase: "waiting",
      waitingSince: 1000,
      place: { position: 3, estimate: 20 },
    });
  });

  it("goes on after a line that came back without it", () => {
    const talk = story(online, seek, { type: "line", line: "reconnecting" }, online);
    expect(talk).toMatchObject({ phase: "waiting", waitingSince: 1000, line: "online" });
  });

  it("counts the time from the first question when it is widened", () => {
    expect(story(online, seek, { ...seek, at: 9000 }).waitingSince).toBe(1000);
  });

  it("begins again when the partner moves on", () => {
    const left: Event = { type: "partnerLeft", partnerId: "partner of A" };
    const talk = story(online, seek, started("A"), left, { type: "waiting", at: 5000 });
    expect(talk).toMatchObject({ phase: "waiting", chat: null, waitingSince: 5000 });
  });

  it("does not begin for somebody who wants nothing", () => {
    expect(story(online, { type: "waiting", at: 1 }, started("A")).phase).toBe("idle");
  });
});

describe("a chat", () => {
  it("survives a line that came back whole", () => {
    const talk = story(online, seek, started("A"), { type: "line", line: "reconnecting" }, back);
    expect(talk).toMatchObject({ phase: "chatting", line: "online", chat: { id: "A", end: null } });
  });

  it("is lost with a line that did not, and what was not sent has failed", () => {
    const talk = story(online, seek, started("A"), said("c1"), online);
    expect(talk).toMatchObject({ phase: "over", chat: { end: "lost", messages: [{ delivery: "failed" }] } });
  });

  it("is lost when the server restarts, whichever of the two it lets go first", () => {
    const left: Event = { type: "partnerLeft", partnerId: "partner of A" };
    expect(story(online, seek, started("A"), { type: "restarting" }, left).chat?.end).toBe("lost");
  });

  it("ends by its own partner alone", () => {
    const stranger: Event = { type: "partnerLeft", partnerId: "partner of B" };
    expect(story(online, seek, started("A"), stranger).phase).toBe("chatting");
    expect(story(online, seek, started("A"), { ...stranger, partnerId: "partner of A" })).toMatchObject({
      phase: "over",
      chat: { end: "partner" },
    });
  });

  it("is over here when another window takes the seat", () => {
    const talk = story(online, seek, started("A"), { type: "seatTaken" });
    expect(talk).toMatchObject({ line: "elsewhere", phase: "over", chat: { end: "me" } });
  });

  it("knows nothing of the messages of another one", () => {
    expect(story(online, seek, started("A"), heard("B", 1)).chat?.messages).toEqual([]);
  });

  it("counts what comes while nobody looks, until somebody does", () => {
    const talk = story(online, seek, started("A"), heard("A", 1, true), heard("A", 2), heard("A", 1, true));
    expect(talk.unread).toBe(1);
    expect(reduce(talk, { type: "seen" }).unread).toBe(0);
  });

  it("takes a message for the end of typing", () => {
    const typing: Event = { type: "partnerTyping", typing: true };
    expect(story(online, seek, started("A"), typing).chat?.partnerTyping).toBe(true);
    expect(story(online, seek, started("A"), typing, heard("A", 1)).chat?.partnerTyping).toBe(false);
  });

  it("has its contact once both would keep in touch", () => {
    const talk = story(online, seek, started("A"), { type: "kept", name: "Ben", contact: null });
    expect(talk.chat?.keep).toEqual({ asked: true, contact: { name: "Ben", contact: null } });
  });
});

it("a refused line ends everything and says why", () => {
  const refusal = { code: "account_suspended", message: "", until: "2030-01-01T00:00:00Z" };
  expect(story(online, seek, { type: "refused", refusal })).toMatchObject({
    line: "refused",
    phase: "idle",
    refusal,
  });
});

it("signing out forgets all but the wish", () => {
  expect(story(online, seek, started("A"), { type: "reset" })).toEqual({ ...NO_TALK, wish: WISH });
});

function anything(chance: Dice, at: number): Event {
  const id = chance.pick(["A", "B", "C"]);
  const clientId = `${id}${chance.roll(4)}`;
  const seq = 1 + chance.roll(6);
  const bool = chance.roll(2) === 0;
  return chance.pick<Event>([
    { type: "line", line: chance.pick(["off", "connecting", "reconnecting", "online", "elsewhere"]) },
    { type: "refused", refusal: { code: "ended", message: "", until: null } },
    { type: "online", kept: bool },
    { type: "seatTaken" },
    { type: "reset" },
    { type: "restarting" },
    { type: "seek", wish: WISH, at },
    { type: "seek", wish: WISH, at },
    { type: "waiting", at },
    { type: "placed", place: { position: chance.roll(3), estimate: null } },
    { type: "cancelled" },
    { type: "started", chat: start(id), at },
    { type: "started", chat: start(id), at },
    { type: "started", chat: start(id), at },
    { type: "partnerLeft", partnerId: `partner of ${id}` },
    { type: "left" },
    { type: "closed" },
    { type: "said", clientId, text: `own ${seq}`, at },
    { type: "said", clientId, text: `own ${seq}`, at },
    { type: "heard", chatId: id, id: `${id}-${seq}`, seq, mine: bool, text: `${id}`, at, hidden: bool },
    { type: "heard", chatId: id, id: `${id}-${seq}`, seq, mine: bool, text: `${id}`, at, hidden: bool },
    { type: "acked", chatId: id, clientId, id: `${id}-${seq}`, seq },
    { type: "failed", chatId: id, clientId },
    { type: "again", clientId },
    { type: "partnerTyping", typing: bool },
    { type: "partnerAway", away: bool },
  ]);
}

function holds(talk: Talk): void {
  const { phase, chat } = talk;
  expect(chat === null).toBe(phase === "idle" || phase === "waiting");
  if (chat === null) return;
  expect(chat.end === null).toBe(phase === "chatting");
  const { messages } = chat;
  const seqs = messages.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
  for (const { seq, key, delivery } of messages) {
    if (seq !== null) expect(key).toBe(`${chat.id}-${seq}`);
    expect(seq !== null).toBe(delivery === "sent" || delivery === "received");
    if (phase === "over") expect(delivery).not.toBe("sending");
  }
}

it("whatever happens in whatever order, the talk makes sense", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const chance = dice(seed);
    let talk = NO_TALK;
    for (let step = 0; step < 80; step += 1) {
      const before = talk;
      const event = anything(chance, step);
      talk = reduce(talk, event);
      try {
        holds(talk);
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}: ${JSON.stringify(event)} on ${JSON.stringify(before)}`, {
          cause: error,
        });
      }
    }
  }
});
