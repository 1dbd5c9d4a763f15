import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { concern, raise } from "../../src/app/safety";
import { SafetyDialogs } from "../../src/parts/SafetyDialogs";
import { draw, find, press, type } from "../design/drawn";
import { answered, type Talking, talking } from "../talking";

let room: Talking;

beforeEach(() => {
  room = talking();
  room.meet();
  room.asked.length = 0;
  draw(<SafetyDialogs talk={room.talk} />);
});
afterEach(() => concern.set(null));

const page = (): string => document.body.textContent ?? "";

function open(kind: "report" | "block"): void {
  act(() => raise(kind, "chat-1", "Quiet Otter"));
}

function tick(label: string): void {
  const found = [...document.querySelectorAll("label")].find(({ textContent }) => textContent === label);
  press((found?.querySelector("input") ?? document.getElementById(found?.htmlFor ?? "")) as HTMLElement);
}

async function submit(name: string): Promise<void> {
  await act(async () => {
    find("dialog button", name).click();
    await answered();
  });
}

test("a report goes out with its reason, the note and the messages, and the block with it", async () => {
  open("report");
  tick("Threats or violence");
  type(find<HTMLInputElement>("dialog textarea"), "  was rude ");
  await submit("Send report");
  expect(room.asked).toEqual([
    ["report", { chatId: "chat-1", reason: "threat", note: "was rude", evidence: true }],
    ["block", { chatId: "chat-1" }],
  ]);
  expect(page()).toContain("You will not meet Quiet Otter again.");
});

test("neither messages nor a block go along for somebody who wants neither", async () => {
  open("report");
  tick("Something else");
  tick("Also send the last messages of this chat (at most 50, 10 minutes) to the moderators");
  tick("Also block Quiet Otter");
  await submit("Send report");
  expect(room.asked).toEqual([["report", { chatId: "chat-1", reason: "other", evidence: false }]]);
  expect(page()).toContain("Thank you");
});

test("without a reason nothing is sent, and one is asked for it", async () => {
  open("report");
  await submit("Send report");
  expect(room.asked).toEqual([]);
  expect(find("dialog [role=alert]").textContent).toBe("Please choose what happened.");
});

test("a note that is too long is not sent", async () => {
  open("report");
  tick("Something else");
  type(find<HTMLInputElement>("dialog textarea"), "x".repeat(1001));
  await submit("Send report");
  expect(room.asked).toEqual([]);
});

test("a report that fails keeps what was written", async () => {
  room.answers.report = { ok: false, code: "not_allowed", message: "" };
  open("report");
  tick("Something else");
  type(find<HTMLInputElement>("dialog textarea"), "was rude");
  await submit("Send report");
  expect(page()).toContain("That did not work.");
  expect(find<HTMLTextAreaElement>("dialog textarea").value).toBe("was rude");
});

test("the dialog stays open when the other side moves on", async () => {
  open("report");
  type(find<HTMLInputElement>("dialog textarea"), "was rude");
  await act(async () => {
    room.hear("partnerLeft", { partnerId: "partner" });
    room.hear("waiting");
  });
  expect(find<HTMLTextAreaElement>("dialog textarea").value).toBe("was rude");
});

test("a block is asked for once, and says that it is for ever", async () => {
  open("block");
  expect(page()).toContain("This is for ever");
  await submit("Block");
  expect(room.asked).toEqual([["block", { chatId: "chat-1" }]]);
  expect(document.querySelector("dialog")).toBeNull();
  expect(room.talk.state.get()).toMatchObject({ phase: "over", chat: { end: "me" } });
});

test("who thinks better of it has blocked nobody", async () => {
  open("block");
  await submit("Cancel");
  expect(room.asked).toEqual([]);
  expect(document.querySelector("dialog")).toBeNull();
});

test("a block that could not be saved says so", async () => {
  room.answers.block = { ok: false, code: "not_allowed", message: "" };
  open("block");
  await submit("Block");
  expect(page()).toContain("The block could not be saved.");
});
