import { describe, expect, it } from "vitest";
import { chatStart, partnerOf, phone, WISH } from "../support/phone";

const find = ["findChat", WISH];
const limited = { ok: false, code: "rate_limited", message: "", retryAfter: 900 };

describe("looking for somebody", () => {
  it("shows at once, and where one stands when the server says so", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    expect(here.talk.state.get().phase).toBe("waiting");
    expect(here.asked()).toEqual([find]);
    await here.answer("findChat", { ok: true, position: 2, estimate: 30 });
    expect(here.talk.state.get().place).toEqual({ position: 2, estimate: 30 });
  });

  it("begins without a line as soon as there is one", async () => {
    const here = await phone();
    await here.cut();
    here.talk.seek(WISH);
    expect(here.asked()).toEqual([]);
    await here.back(false);
    expect(here.asked()).toEqual([find]);
  });

  it("goes on with the same wish after a line that came back without its seat", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", { ok: true, position: 1, estimate: null });
    await here.cut();
    here.asked();
    await here.back(false);
    expect(here.asked()).toEqual([find]);
  });

  it("is not asked for twice where the line came back with its seat", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", { ok: true, position: 1, estimate: null });
    await here.cut();
    here.asked();
    await here.back(true);
    await here.pass(60_000);
    expect(here.asked()).toEqual([]);
  });

  it("is asked for again where the answer was lost, once the news have had their time", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.cut();
    here.asked();
    await here.back(true);
    expect(here.asked()).toEqual([]); // somebody may have been found, and would be left by asking again
    await here.pass(3000);
    expect(here.asked()).toEqual([find]);
  });

  it("is not asked for again where somebody was found meanwhile", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.cut();
    await here.back(true);
    await here.hear("chatStart", chatStart("A"));
    here.asked();
    await here.pass(3000);
    expect(here.asked()).toEqual([]);
    expect(here.talk.state.get().chat?.id).toBe("A");
  });

  it("waits when there were too many questions", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", limited);
    here.asked();
    await here.pass(900);
    expect(here.asked()).toEqual([find]);
  });

  it("is over where the server will not have it, and says so", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", { ok: false, code: "bad_argument", message: "" });
    expect(here.talk.state.get()).toMatchObject({ phase: "idle", notice: { text: "talk.noSearch" } });
  });
});

describe("leaving", () => {
  it("the queue without a line is told on the return", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.cut();
    here.talk.cancel();
    here.asked();
    await here.back(true);
    expect(here.asked()).toEqual([["cancelSearch"]]);
  });

  it("the queue while somebody is found leaves that one as well", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", { ok: true, position: 1, estimate: null });
    here.talk.cancel();
    here.asked();
    await here.hear("chatStart", chatStart("A"));
    expect(here.talk.state.get().phase).toBe("idle");
    expect(here.asked()).toEqual([["leaveChat"]]);
  });

  it("a chat that the partner has just left leaves the queue that the server put one into", async () => {
    const here = await phone();
    await here.meet("A");
    here.talk.leave();
    await here.answer("leaveChat", { ok: false, code: "not_in_chat", message: "" });
    expect(here.asked()).toEqual([["leaveChat"], ["cancelSearch"]]);
    expect(here.talk.state.get()).toMatchObject({ phase: "over", chat: { end: "me" } });
  });

  it("a chat for the next one is told by `next`", async () => {
    const here = await phone();
    await here.meet("A");
    here.talk.next();
    expect(here.talk.state.get()).toMatchObject({ phase: "waiting", chat: null });
    expect(here.asked()).toEqual([["next"]]);
    await here.answer("next", limited);
    await here.pass(900);
    expect(here.asked()).toEqual([["next"]]);
  });

  it("a chat for the next one without a line ends it on the return", async () => {
    const here = await phone();
    await here.meet("A");
    await here.cut();
    here.talk.next();
    await here.back(true);
    await here.pass(3000);
    expect(here.asked()).toEqual([["next"]]);
  });
});

it("whoever stays behind waits when the server says so", async () => {
  const here = await phone();
  await here.meet("A");
  await here.hear("partnerLeft", { partnerId: partnerOf("A") });
  expect(here.talk.state.get()).toMatchObject({ phase: "over", chat: { end: "partner" } });
  await here.hear("waiting");
  expect(here.talk.state.get().phase).toBe("waiting");
});

describe("another window", () => {
  it("that takes the seat ends the chat here", async () => {
    const here = await phone();
    await here.meet("A");
    await here.hear("seatTaken", {});
    expect(here.talk.state.get()).toMatchObject({ line: "elsewhere", phase: "over" });
  });

  it("gives the seat back to a search that was going on here", async () => {
    const here = await phone();
    here.talk.seek(WISH);
    await here.answer("findChat", { ok: true, position: 1, estimate: null });
    await here.hear("seatTaken", {});
    here.asked();
    here.talk.connect();
    expect(here.asked()).toEqual([find]);
    expect(here.talk.state.get()).toMatchObject({ line: "online", phase: "waiting" });
  });
});

it("a refused line is told with its reason, and ends what was going on", async () => {
  const here = await phone();
  here.talk.seek(WISH);
  const until = "2030-01-01T00:00:00.000Z";
  await here.become({ is: "refused", code: "account_suspended", message: "Authentication failed", until });
  expect(here.talk.state.get()).toMatchObject({
    line: "refused",
    phase: "idle",
    refusal: { code: "account_suspended", until },
  });
});

describe("a token that ends", () => {
  const expiring = ["tokenExpiring", { expiresAt: "2030-01-01T00:00:00.000Z" }] as const;

  it("is renewed on the line, and the same one is never offered twice", async () => {
    let token = "first";
    const here = await phone({ freshToken: async () => token, credentials: async () => ({ token }) });
    await here.hear(...expiring);
    await here.hear(...expiring);
    await here.pass(2000);
    expect(here.asked()).toEqual([]);
    token = "second";
    await here.pass(3000);
    expect(here.asked()).toEqual([["refreshToken", "second"]]);
    await here.answer("refreshToken");
    await here.pass(60_000);
    expect(here.asked()).toEqual([]);
  });

  it("is left alone for somebody who has signed out", async () => {
    const here = await phone();
    await here.hear(...expiring);
    await here.pass(60_000);
    expect(here.asked()).toEqual([]);
  });
});

it("a page that is put to sleep hangs up, and calls again when it wakes", async () => {
  const here = await phone();
  await here.meet("A");
  here.talk.sleep();
  expect(here.talk.state.get().line).toBe("off");
  here.talk.wake();
  expect(here.talk.state.get().line).toBe("connecting");
  await here.back(false);
  expect(here.talk.state.get().chat?.end).toBe("lost");
});

it("a page that was signed out stays so when it wakes", async () => {
  const here = await phone();
  here.talk.disconnect();
  here.talk.sleep();
  here.talk.wake();
  expect(here.talk.state.get().line).toBe("off");
});

describe("safety", () => {
  it("a block ends the chat once it holds", async () => {
    const here = await phone();
    await here.meet("A");
    const blocked = here.talk.block("A");
    expect(here.asked()).toEqual([["block", { chatId: "A" }]]);
    await here.answer("block");
    expect(await blocked).toBe(true);
    expect(here.talk.state.get()).toMatchObject({ phase: "over", chat: { end: "me" } });
  });

  it("a report without a line was not made", async () => {
    const here = await phone();
    await here.meet("A");
    await here.cut();
    expect(await here.talk.report({ chatId: "A", reason: "spam", note: " ", evidence: true })).toBe(false);
  });

  it("a wish to keep in touch is said again on the return, and taken back where it was refused", async () => {
    const here = await phone();
    await here.meet("A");
    await here.cut();
    here.talk.keepInTouch(true);
    await here.back(true);
    expect(here.asked()).toEqual([["keepInTouch", true]]);
    here.talk.keepInTouch(false);
    await here.answer("keepInTouch");
    await here.answer("keepInTouch", { ok: false, code: "not_allowed", message: "" });
    expect(here.talk.state.get().chat?.keep.asked).toBe(true);
  });
});

describe("signals", () => {
  it("of the partner are heard, those of anybody else are not", async () => {
    const here = await phone();
    await here.meet("A");
    const heard: unknown[] = [];
    const stop = here.talk.signals.on({
      createOffer: () => heard.push("make an offer"),
      offer: (offer) => heard.push(offer),
      answer: (answer) => heard.push(answer),
      candidate: (candidate) => heard.push(candidate),
    });
    await here.hear("create-offer");
    await here.hear("webrtc-offer", { offer: { type: "offer" }, from: partnerOf("B") });
    await here.hear("webrtc-answer", { answer: { type: "answer" }, from: partnerOf("A") });
    await here.hear("ice-candidate", { candidate: "", from: partnerOf("A") });
    expect(heard).toEqual(["make an offer", { type: "answer" }, null]);
    stop();
    await here.hear("create-offer");
    expect(heard).toHaveLength(3);
  });

  it("are sent again where there were too many, but not into another chat", async () => {
    const here = await phone();
    await here.meet("A");
    here.talk.signals.candidate(null);
    await here.answer("ice-candidate", limited);
    await here.pass(900);
    expect(here.asked()).toEqual([
      ["ice-candidate", { candidate: null }],
      ["ice-candidate", { candidate: null }],
    ]);
    await here.answer("ice-candidate", limited);
    here.talk.leave();
    here.asked();
    await here.pass(900);
    expect(here.asked()).toEqual([]);
  });
});
