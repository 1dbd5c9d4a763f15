import { describe, expect, it } from "vitest";
import { chatStart, type Phone, phone } from "../support/phone";

const deliveries = ({ talk }: Phone): string[] =>
  (talk.state.get().chat?.messages ?? []).map(({ text, delivery }) => `${text} ${delivery}`);
const ack = (chatId: string, seq: number): object => ({ ok: true, id: `${chatId}-${seq}`, seq });
const limited = { ok: false, code: "rate_limited", message: "", retryAfter: 700 };
const silence = { ok: false, code: "no_answer", message: "" };

async function chatting(): Promise<Phone> {
  const here = await phone();
  await here.meet("A");
  return here;
}

it("a message is sent once it has its ack, and its copy changes nothing", async () => {
  const here = await chatting();
  here.talk.say("hello");
  expect(here.asked()).toEqual([["sendMessage", "hello", "c1"]]);
  expect(deliveries(here)).toEqual(["hello sending"]);
  await here.copy("A", 1, "hello", true);
  await here.answer("sendMessage", ack("A", 1));
  expect(deliveries(here)).toEqual(["hello sent"]);
});

it("messages go out one after the other", async () => {
  const here = await chatting();
  here.talk.say("one");
  here.talk.say("two");
  expect(here.asked()).toEqual([["sendMessage", "one", "c1"]]);
  await here.answer("sendMessage", ack("A", 1));
  expect(here.asked()).toEqual([["sendMessage", "two", "c2"]]);
});

describe("over a line that breaks", () => {
  it("what was written meanwhile is sent on the return, in order", async () => {
    const here = await chatting();
    await here.cut();
    here.talk.say("one");
    here.talk.say("two");
    expect(deliveries(here)).toEqual(["one sending", "two sending"]);
    await here.back(true);
    await here.answer("sendMessage", ack("A", 1));
    await here.answer("sendMessage", ack("A", 2));
    expect(here.asked()).toEqual([
      ["sendMessage", "one", "c1"],
      ["sendMessage", "two", "c2"],
    ]);
    expect(deliveries(here)).toEqual(["one sent", "two sent"]);
  });

  it("a message whose ack was lost is sent again under the same name", async () => {
    const here = await chatting();
    here.talk.say("hello");
    await here.cut();
    await here.back(true);
    expect(here.asked()).toEqual([
      ["sendMessage", "hello", "c1"],
      ["sendMessage", "hello", "c1"],
    ]);
  });

  it("a message whose copy came without its ack is not sent again", async () => {
    const here = await chatting();
    here.talk.say("hello");
    await here.copy("A", 1, "hello", true);
    await here.cut();
    here.asked();
    await here.back(true);
    expect(here.asked()).toEqual([]);
    expect(deliveries(here)).toEqual(["hello sent"]);
  });

  it("nothing of a chat that was lost reaches the next one", async () => {
    const here = await chatting();
    await here.cut();
    here.talk.say("for A alone");
    await here.back(false);
    expect(deliveries(here)).toEqual(["for A alone failed"]);
    await here.meet("B");
    here.talk.say("for B");
    await here.answer("sendMessage", ack("B", 1));
    expect(here.asked()).toEqual([["sendMessage", "for B", "c2"]]);
    expect(deliveries(here)).toEqual(["for B sent"]);
  });
});

describe("a message that the server does not take", () => {
  it("waits for as long as it is asked to, and those behind it wait too", async () => {
    const here = await chatting();
    here.talk.say("one");
    here.talk.say("two");
    here.asked();
    await here.answer("sendMessage", limited);
    await here.pass(600);
    expect(here.asked()).toEqual([]);
    await here.pass(100);
    expect(here.asked()).toEqual([["sendMessage", "one", "c1"]]);
  });

  it("is asked for once more when no answer comes, and then has failed", async () => {
    const here = await chatting();
    here.talk.say("hello");
    await here.answer("sendMessage", silence);
    await here.answer("sendMessage", silence);
    expect(here.asked()).toHaveLength(2);
    expect(deliveries(here)).toEqual(["hello failed"]);
  });

  it("has failed, and is sent under the same name when one tries again", async () => {
    const here = await chatting();
    here.talk.say("hello");
    await here.answer("sendMessage", { ok: false, code: "not_allowed", message: "" });
    expect(deliveries(here)).toEqual(["hello failed"]);
    here.asked();
    here.talk.retry("c1");
    expect(here.asked()).toEqual([["sendMessage", "hello", "c1"]]);
    await here.answer("sendMessage", ack("A", 1));
    expect(deliveries(here)).toEqual(["hello sent"]);
  });

  it("because one may not write says so", async () => {
    const here = await chatting();
    here.talk.say("hello");
    await here.answer("sendMessage", { ok: false, code: "muted", message: "", retryAfter: 60_000 });
    expect(here.talk.state.get().notice?.text).toBe("talk.muted");
  });
});

describe("typing", () => {
  it("is told at most every two seconds, and taken back after three of silence", async () => {
    const here = await chatting();
    here.talk.typing(true);
    await here.pass(1000);
    here.talk.typing(true);
    expect(here.asked()).toEqual([["typing", true]]);
    await here.pass(1500);
    here.talk.typing(true);
    expect(here.asked()).toEqual([["typing", true]]);
    await here.pass(3000);
    expect(here.asked()).toEqual([["typing", false]]);
  });

  it("ends with the message", async () => {
    const here = await chatting();
    here.talk.typing(true);
    here.talk.say("hello");
    expect(here.asked()).toEqual([
      ["typing", true],
      ["typing", false],
      ["sendMessage", "hello", "c1"],
    ]);
  });

  it("of one chat is not told to the next partner", async () => {
    const here = await chatting();
    here.talk.typing(true);
    here.talk.next();
    await here.answer("next", { ok: true, position: 0, estimate: null });
    await here.hear("chatStart", chatStart("B"));
    await here.pass(10_000);
    expect(here.asked()).toEqual([["typing", true], ["next"]]);
  });
});
