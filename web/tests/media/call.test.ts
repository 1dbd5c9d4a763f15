import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Call, createCall, type MediaState } from "../../src/media/call";
import { TIMES } from "../../src/media/link";
import { type FakeDevices, FakePeer, FakeStream, FakeTrack, fakeBrowser, settle } from "./browser";
import { createRoom, type End } from "./room";

let browser: FakeDevices;
let ends: [End, End];
let told: MediaState[];
const calls: Call[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  browser = fakeBrowser();
  ends = createRoom();
  told = [];
});

afterEach(() => {
  for (const call of calls.splice(0)) call.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function camera(): MediaStream {
  return new FakeStream([new FakeTrack("audio"), new FakeTrack("video")]) as unknown as MediaStream;
}

function callAt(end: End, mine: MediaStream | null = camera()): Call {
  const call = createCall({
    signals: end.signals,
    configuration: async () => ({ iceServers: [] }),
    mine,
    mediaState: (media) => told.push(media),
  });
  calls.push(call);
  return call;
}

async function connected(): Promise<[Call, Call]> {
  const both: [Call, Call] = [callAt(ends[0]), callAt(ends[1])];
  await settle();
  return both;
}

/** The newest connection of each end, in the order in which they were built. */
function peers(): [FakePeer, FakePeer] {
  const [first, second] = FakePeer.all.slice(-2);
  if (!first || !second) throw new Error("there are no two");
  return [first, second];
}

const states = (both: readonly Call[]) => both.map((call) => call.state.get().connection);

describe("two ends", () => {
  it("meet, with one offer", async () => {
    const both = await connected();
    expect(states(both)).toEqual(["connected", "connected"]);
    expect(ends.map((end) => [end.readies, end.offers.length])).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(both.every((call) => call.state.get().remote !== null)).toBe(true);
  });

  it("send what they have, both ways", async () => {
    await connected();
    for (const peer of peers()) {
      expect(peer.transceivers.map(({ direction, sender }) => [direction, sender.track?.kind])).toEqual([
        ["sendrecv", "audio"],
        ["sendrecv", "video"],
      ]);
    }
  });

  it("only receive where somebody wanted words", async () => {
    callAt(ends[0], null);
    callAt(ends[1]);
    await settle();
    const [reader] = peers();
    expect(reader.transceivers.map(({ direction, sender }) => [direction, sender.track])).toEqual([
      ["recvonly", null],
      ["recvonly", null],
    ]);
    expect(browser.asked).toEqual([]);
  });

  it("keep candidates that come before the description they belong to", async () => {
    const call = callAt(ends[1]);
    await settle();
    ends[0].signals.candidate({ candidate: "early", sdpMid: "0" });
    await settle();
    callAt(ends[0]);
    await settle();
    expect(call.state.get().connection).toBe("connected");
    expect(FakePeer.all[0]?.candidates).toEqual(["early"]);
  });

  it("pass by an answer to an earlier offer", async () => {
    callAt(ends[0]);
    await settle();
    const heard = [...ends[0].listeners][0];
    heard?.createOffer();
    heard?.createOffer();
    await settle();
    heard?.answer({ type: "answer", sdp: "a=fingerprint:sha-256 x\r\na=x-round:1\r\n" });
    await settle();
    expect(FakePeer.all[0]?.remoteDescription).toBeNull();
    heard?.answer({ type: "answer", sdp: "a=fingerprint:sha-256 x\r\na=x-round:2\r\n" });
    await settle();
    expect(FakePeer.all[0]?.remoteDescription).toEqual({
      type: "answer",
      sdp: "a=fingerprint:sha-256 x\r\n",
    });
  });
});

describe("what the partner is told", () => {
  it("is said once for each change", async () => {
    const stream = camera();
    const call = callAt(ends[0], stream);
    call.replace(stream);
    call.setMuted("audio", true);
    call.setMuted("audio", true);
    call.replace(null);
    expect(told).toEqual([
      { audio: true, video: true, screen: false },
      { audio: false, video: true, screen: false },
      { audio: false, video: false, screen: false },
    ]);
  });

  it("stays muted with another microphone", () => {
    const call = callAt(ends[0]);
    call.setMuted("audio", true);
    const other = new FakeTrack("audio");
    call.replace(new FakeStream([other]) as unknown as MediaStream);
    expect(other.enabled).toBe(false);
  });
});

describe("a shared screen", () => {
  it("takes the place of the camera without a new offer, and gives it back", async () => {
    const [call] = await connected();
    const offers = ends[0].offers.length;
    const sends = (): unknown => peers()[0].transceivers[1]?.sender.track;
    const own = sends();
    await call.shareScreen(true);
    await settle();
    expect(sends()).toBe(browser.screen);
    expect(call.state.get().screen).toBe(true);
    browser.screen.end(); // by the button of the browser
    await settle();
    expect(sends()).toBe(own);
    expect(call.state.get().screen).toBe(false);
    expect(ends[0].offers).toHaveLength(offers);
  });
});

describe("trouble", () => {
  it("that heals by itself is left alone", async () => {
    await connected();
    peers()[0].become("disconnected");
    await vi.advanceTimersByTimeAsync(TIMES.patience - 100);
    peers()[0].become("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends[0].readies).toBe(1);
  });

  it("that stays is mended by a new offer", async () => {
    const both = await connected();
    peers()[1].become("disconnected");
    expect(both[1].state.get().connection).toBe("disconnected");
    await vi.advanceTimersByTimeAsync(TIMES.patience * 2);
    expect(states(both)).toEqual(["connected", "connected"]);
    expect(ends[0].offers).toHaveLength(2);
    expect(both[1].state.get().rung).toBe("video");
  });

  it("of a partner who has begun anew makes this end begin anew as well", async () => {
    const both = await connected();
    both[1].close();
    const again = callAt(ends[1]);
    await settle();
    await vi.advanceTimersByTimeAsync(TIMES.patience * 2);
    expect(states([both[0], again])).toEqual(["connected", "connected"]);
    expect(FakePeer.open()).toHaveLength(2);
  });

  it("without an end leads to sound alone, then to words, and back up when there is a way again", async () => {
    const both = await connected();
    const rungs = new Set<string>();
    both[0].state.subscribe(() => rungs.add(both[0].state.get().rung));
    FakePeer.network = false;
    for (const peer of peers()) peer.become("failed");
    for (let minute = 0; minute < 3 && both[0].state.get().rung !== "text"; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
    }
    expect([...rungs]).toEqual(["video", "audio", "text"]);
    FakePeer.network = true;
    await vi.advanceTimersByTimeAsync(TIMES.longestRest * 2);
    expect(both[0].state.get()).toMatchObject({ connection: "connected", rung: "audio" });
  });

  it("is forgotten when the line to the server comes back", async () => {
    const both = await connected();
    FakePeer.network = false;
    for (const peer of peers()) peer.become("failed");
    await vi.advanceTimersByTimeAsync(150_000);
    expect(both[0].state.get().rung).toBe("text");
    FakePeer.network = true;
    both[0].reconnected();
    await vi.advanceTimersByTimeAsync(TIMES.silence);
    expect(both[0].state.get()).toMatchObject({ connection: "connected", rung: "video" });
  });

  it("with the list of servers is no end: it is asked for again", async () => {
    const configuration = vi.fn(async () => ({ iceServers: [] }));
    configuration.mockRejectedValueOnce(new Error("offline"));
    const call = createCall({
      signals: ends[0].signals,
      configuration,
      mine: null,
      mediaState: () => undefined,
    });
    calls.push(call);
    await vi.advanceTimersByTimeAsync(TIMES.patience * 2);
    expect(configuration).toHaveBeenCalledTimes(2);
    expect(ends[0].readies).toBe(1);
  });
});

describe("the end", () => {
  it("leaves nothing behind: no connection, no listener, no timer", async () => {
    const both = await connected();
    await both[0].shareScreen(true);
    for (const call of both) call.close();
    await settle();
    expect(FakePeer.open()).toEqual([]);
    expect(ends.map((end) => end.listeners.size)).toEqual([0, 0]);
    expect(browser.screen.readyState).toBe("ended");
    expect(vi.getTimerCount()).toBe(0);
    expect(states(both)).toEqual(["closed", "closed"]);
  });

  it("holds while the servers are still being asked for", async () => {
    callAt(ends[0]).close();
    await settle();
    expect(FakePeer.all).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
