import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "../../src/app/store";
import type { Chat, PartnerMedia, Talk } from "../../src/domain/talk";
import { setLocale } from "../../src/i18n";
import { want } from "../../src/media/devices";
import { stopLingering } from "../../src/media/own";
import { VideoStage } from "../../src/parts/VideoStage";
import type { StageTalk } from "../../src/parts/VideoStageCall";
import { type FakeDevices, FakePeer, fakeBrowser, settle } from "../media/browser";
import { createRoom, type End } from "../media/room";

const CHAT: Chat = {
  id: "chat",
  partnerId: "partner",
  partnerName: "Quiet Heron",
  yourName: "Brisk Otter",
  yourVideo: true,
  partnerVideo: true,
  commonInterests: [],
  startedAt: 0,
  messages: [],
  partnerTyping: false,
  partnerAway: false,
  partnerMedia: null,
  keep: { asked: false, contact: null },
  end: null,
};

let chats = 0;
let browser: FakeDevices;
let place: HTMLElement;
let talk: StageTalk;
let mine: End;
let partner: End;
let told: PartnerMedia[];

beforeEach(() => {
  vi.useFakeTimers();
  chats += 1;
  browser = fakeBrowser();
  want("camera", true);
  want("microphone", true);
  setLocale("en");
  place = document.createElement("div");
  document.body.replaceChildren(place);
  HTMLMediaElement.prototype.play = async () => undefined;
  [mine, partner] = createRoom();
  told = [];
  talk = {
    state: createStore({ phase: "chatting", line: "online", chat: CHAT } as Talk),
    signals: mine.signals,
    iceServers: async () => ({ iceServers: [] }),
    mediaState: (media) => told.push(media),
  };
});

afterEach(() => {
  leave("idle");
  stopLingering();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function show(change: Partial<Chat> = {}): Promise<void> {
  await act(async () =>
    render(<VideoStage chat={{ ...CHAT, id: `chat ${chats}`, ...change }} talk={talk} />, place),
  );
  await act(settle);
}

/** The partner's page answers. */
async function meet(): Promise<void> {
  await act(async () => {
    partner.signals.ready();
    await settle();
    partner.signals.answer({ type: "answer", sdp: "a=fingerprint:sha-256 partner\r\n" });
    await settle();
  });
}

function leave(phase: Talk["phase"]): void {
  talk.state.update((now) => ({ ...now, phase }));
  act(() => render(null, place));
}

const picture = () => place.querySelector<HTMLVideoElement>(".stage-partner");
const button = (label: string) =>
  [...place.querySelectorAll<HTMLButtonElement>("button")].find(
    (one) => one.getAttribute("aria-label") === label || one.textContent === label,
  );
const press = (label: string) => act(async () => button(label)?.click());
const live = () => browser.tracks.filter((track) => track.readyState === "live").map((track) => track.kind);

describe("the picture of a partner", () => {
  it("is hidden and silent until one wants to see it, and can be hidden again", async () => {
    await show();
    await meet();
    expect(picture()?.classList.contains("stage-hidden")).toBe(true);
    expect(picture()?.muted).toBe(true);
    await press("Show video");
    expect(picture()?.classList.contains("stage-hidden")).toBe(false);
    expect(picture()?.muted).toBe(false);
    await press("Hide video and sound");
    expect(picture()?.classList.contains("stage-hidden")).toBe(true);
    expect(picture()?.muted).toBe(true);
  });

  it("is agreed to anew with each partner", async () => {
    await show();
    await meet();
    await press("Show video");
    await show({ id: "another chat" });
    expect(picture()?.classList.contains("stage-hidden")).toBe(true);
    expect(picture()?.muted).toBe(true);
  });

  it("has words in its place while the partner's camera is off", async () => {
    await show({ partnerMedia: { audio: false, video: false, screen: false } });
    await meet();
    expect(place.textContent).toContain("Quiet Heron has the camera off.");
    expect(place.textContent).toContain("Quiet Heron is muted");
  });
});

describe("one's own devices", () => {
  it("open for a video chat, and the partner is told what one sends", async () => {
    await show();
    expect(live()).toEqual(["audio", "video"]);
    await press("Turn microphone off");
    await press("Turn camera off");
    await act(settle);
    expect(told.at(0)).toEqual({ audio: false, video: false, screen: false });
    expect(told.at(1)).toEqual({ audio: true, video: true, screen: false });
    expect(told.at(-1)).toEqual({ audio: false, video: false, screen: false });
    expect(live()).toEqual(["audio"]);
  });

  it("are never opened for somebody who wanted words, whoever the partner is", async () => {
    await show({ yourVideo: false });
    await meet();
    expect(browser.asked).toEqual([]);
    expect(button("Turn camera off")).toBeUndefined();
    expect(button("Show video")).toBeDefined();
  });

  it("close with the chat, and so does the call", async () => {
    await show();
    await meet();
    leave("over");
    expect(live()).toEqual([]);
    expect(FakePeer.open()).toEqual([]);
    expect(mine.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("stay open for a moment while somebody new is looked for", async () => {
    await show();
    leave("waiting");
    expect(live()).toHaveLength(2);
    expect(FakePeer.open()).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(live()).toEqual([]);
  });
});

describe("trouble", () => {
  it("that the line or the partner has come back from makes the call begin anew", async () => {
    await show();
    const before = mine.readies;
    talk.state.update((now) => ({ ...now, line: "reconnecting" }));
    talk.state.update((now) => ({ ...now, line: "online" }));
    await act(settle);
    expect(mine.readies).toBe(before + 1);
    talk.state.update((now) => ({ ...now, chat: { ...CHAT, partnerAway: true } }));
    talk.state.update((now) => ({ ...now, chat: CHAT }));
    await act(settle);
    expect(mine.readies).toBe(before + 2);
  });

  it("with a device is told in plain words", async () => {
    browser.answer = () => {
      throw Object.assign(new Error(), { name: "NotReadableError" });
    };
    await show();
    expect(place.querySelector("[role=alert]")?.textContent).toContain("Something else is using the camera.");
  });
});
