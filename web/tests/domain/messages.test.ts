import { describe, expect, it } from "vitest";
import * as messages from "../../src/domain/messages";
import type { Message } from "../../src/domain/talk";
import { type Dice, dice } from "../support/random";

type All = readonly Message[];

const hello = { clientId: "c1", text: "hello", at: 1 };
const copy = (seq: number, text: string, mine: boolean): messages.Heard => ({
  id: `m${seq}`,
  seq,
  mine,
  text,
  at: 100 + seq,
});
const texts = (all: All): string[] => all.map(({ text, delivery }) => `${text} ${delivery}`);

describe("one's own message", () => {
  it("is on its way until the server has it", () => {
    expect(texts(messages.said([], hello))).toEqual(["hello sending"]);
  });

  it("is there once when the copy comes before the ack", () => {
    const all = messages.heard(messages.said([], hello), copy(1, "hello", true));
    expect(messages.acked(all, { clientId: "c1", id: "m1", seq: 1 })).toEqual([
      { key: "m1", mine: true, text: "hello", at: 101, delivery: "sent", seq: 1, clientId: "c1" },
    ]);
  });

  it("is there once when the ack comes before the copy", () => {
    const all = messages.acked(messages.said([], hello), { clientId: "c1", id: "m1", seq: 1 });
    expect(texts(messages.heard(all, copy(1, "hello", true)))).toEqual(["hello sent"]);
  });

  it("stands behind what the partner said first", () => {
    const all = messages.heard(messages.said([], hello), copy(1, "hi", false));
    expect(texts(all)).toEqual(["hi received", "hello sending"]);
  });

  it("keeps its place when it was not sent, while others go on", () => {
    const all = messages.heard(messages.failed(messages.said([], hello), "c1"), copy(1, "hi", false));
    expect(texts(all)).toEqual(["hello failed", "hi received"]);
  });

  it("of the same words as another is told from it by the ack", () => {
    let all = messages.said(messages.said([], hello), { ...hello, clientId: "c2" });
    all = messages.heard(all, copy(1, "hello", true)); // the server took the second one
    all = messages.acked(all, { clientId: "c2", id: "m1", seq: 1 });
    expect(messages.nextToSend(all)?.clientId).toBe("c1");
    expect(texts(all)).toEqual(["hello sent", "hello sending"]);
  });

  it("that was given up is sent after all when its copy comes late", () => {
    const all = messages.failed(messages.said([], hello), "c1");
    expect(texts(messages.heard(all, copy(1, "hello", true)))).toEqual(["hello sent"]);
  });

  it("is not sent any more when the chat ends", () => {
    expect(texts(messages.abandoned(messages.said([], hello)))).toEqual(["hello failed"]);
  });
});

/** A server that takes each `clientId` once, and a line that loses acks but no copies. */
class Server {
  readonly taken: { text: string; clientId: string | null }[] = [];

  take(text: string, clientId: string | null): number {
    const known = this.taken.findIndex((one) => clientId !== null && one.clientId === clientId);
    return known >= 0 ? known + 1 : this.taken.push({ text, clientId });
  }
}

function converse(chance: Dice): { server: Server; all: All } {
  const server = new Server();
  let all: All = [];
  let copied = 0;
  let written = 0;
  const deliver = (): void => {
    while (copied < server.taken.length) {
      const { text, clientId } = server.taken[copied] as Server["taken"][number];
      copied += 1;
      all = messages.heard(all, copy(copied, text, clientId !== null));
    }
  };
  const send = (answered: boolean): void => {
    const next = messages.nextToSend(all);
    if (!next?.clientId) return;
    const { clientId, text } = next;
    const seq = server.take(text, clientId);
    if (chance.roll(2)) deliver();
    if (answered) all = messages.acked(all, { clientId, id: `m${seq}`, seq });
  };
  for (let step = 0; step < 60; step += 1) {
    const what = chance.roll(6);
    if (what === 0) server.take(chance.pick(["ha", "ok"]), null);
    if (what === 1)
      all = messages.said(all, { clientId: `c${++written}`, text: chance.pick(["ha", "ok"]), at: step });
    if (what === 2) send(true);
    if (what === 3) send(false);
    if (what === 4) deliver();
    if (what === 5) {
      const own = chance.pick(all.filter((message) => message.clientId !== null));
      const change = own?.delivery === "failed" ? messages.again : messages.failed;
      if (own?.clientId) all = change(all, own.clientId);
    }
  }
  for (const { clientId } of all) if (clientId) all = messages.again(all, clientId);
  while (messages.nextToSend(all)) send(true);
  deliver();
  return { server, all };
}

it("whatever is lost, both sides have the same messages in the same order, each once", () => {
  for (let seed = 0; seed < 400; seed += 1) {
    const { server, all } = converse(dice(seed));
    const seen = all.map(({ text, mine, seq }) => ({ text, mine, seq }));
    const told = server.taken.map(({ text, clientId }, at) => ({
      text,
      mine: clientId !== null,
      seq: at + 1,
    }));
    expect(seen, `seed ${seed}`).toEqual(told);
  }
});
