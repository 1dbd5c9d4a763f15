import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore, type Store } from "../../src/app/store";
import type { Phase, Talk } from "../../src/domain/talk";
import { devices, want } from "../../src/media/devices";
import { createOwn, LINGER, stopLingering } from "../../src/media/own";
import { type FakeDevices, fakeBrowser, settle } from "./browser";

let browser: FakeDevices;

beforeEach(() => {
  vi.useFakeTimers();
  browser = fakeBrowser();
  want("camera", true);
  want("microphone", true);
});

afterEach(() => {
  stopLingering();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const live = (): string[] =>
  browser.tracks.filter((track) => track.readyState === "live").map((track) => track.kind);

function talkIn(phase: Phase): Store<Talk> {
  return createStore({ phase } as Talk);
}

function refuse(name: string, kinds: readonly ("audio" | "video")[]): void {
  browser.answer = (constraints) => {
    if (kinds.some((kind) => constraints[kind])) throw Object.assign(new Error(name), { name });
  };
}

describe("one's own camera and microphone", () => {
  it("open together, with one question", async () => {
    const own = createOwn();
    await own.start();
    expect(own.state.get()).toMatchObject({ camera: true, microphone: true, opening: false });
    expect(browser.asked).toHaveLength(1);
    own.stop();
    expect(live()).toEqual([]);
  });

  it("the light of the camera goes out with the camera", async () => {
    const own = createOwn();
    await own.start();
    await own.setCamera(false);
    expect(live()).toEqual(["audio"]);
    expect(own.state.get()).toMatchObject({ camera: false, microphone: true });
    await own.setCamera(true);
    expect(live().sort()).toEqual(["audio", "video"]);
    own.stop();
  });

  it("a microphone that is off stays open, and silent in the next chat as well", async () => {
    const own = createOwn();
    await own.start();
    await own.setMicrophone(false);
    own.stop();
    const next = createOwn();
    await next.start();
    expect(next.state.get().microphone).toBe(false);
    expect(browser.tracks.at(-2)?.enabled).toBe(false);
    next.stop();
  });

  it("nothing stays open when the end comes while the browser asks", async () => {
    const own = createOwn();
    const starting = own.start();
    await Promise.resolve();
    own.stop();
    await starting;
    await settle();
    expect(live()).toEqual([]);
  });

  it("a device that is unplugged is off", async () => {
    const own = createOwn();
    await own.start();
    browser.tracks.find((track) => track.kind === "video")?.end();
    expect(own.state.get()).toMatchObject({ camera: false, microphone: true });
    own.stop();
  });
});

describe("between two chats", () => {
  it("the next one takes over what is open", async () => {
    const own = createOwn();
    await own.start();
    own.linger(talkIn("waiting"));
    const next = createOwn();
    await next.start();
    expect(browser.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(LINGER * 2);
    expect(live()).toHaveLength(2);
    next.stop();
  });

  it("it is closed when nobody is found soon", async () => {
    const own = createOwn();
    await own.start();
    own.linger(talkIn("waiting"));
    expect(live()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(LINGER);
    expect(live()).toEqual([]);
  });

  it("it is closed at once when the search is given up", async () => {
    const talk = talkIn("waiting");
    const own = createOwn();
    await own.start();
    own.linger(talk);
    talk.set({ phase: "idle" } as Talk);
    expect(live()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what stands in the way", () => {
  it.each([
    ["NotFoundError", "none"],
    ["NotReadableError", "busy"],
  ] as const)("of the camera alone leaves the microphone: %s", async (name, error) => {
    refuse(name, ["video"]);
    const own = createOwn();
    await own.start();
    expect(own.state.get()).toMatchObject({ camera: false, microphone: true });
    expect(devices.get().errors).toEqual({ camera: error, microphone: null });
    own.stop();
  });

  it("is not asked about twice after a no", async () => {
    refuse("NotAllowedError", ["audio", "video"]);
    const own = createOwn();
    await own.start();
    expect(browser.asked).toHaveLength(1);
    expect(devices.get().errors).toEqual({ camera: "denied", microphone: "denied" });
    own.stop();
  });

  it("of a camera that may not be used leaves the microphone that may", async () => {
    browser.permission = { camera: "denied", microphone: "granted" };
    refuse("NotAllowedError", ["video"]);
    const own = createOwn();
    await own.start();
    expect(own.state.get()).toMatchObject({ camera: false, microphone: true });
    expect(devices.get().errors).toEqual({ camera: "denied", microphone: null });
    own.stop();
  });

  it("is forgotten once the device opens", async () => {
    refuse("NotAllowedError", ["audio", "video"]);
    const own = createOwn();
    await own.start();
    browser.answer = () => undefined;
    await own.setCamera(true);
    expect(devices.get().errors.camera).toBeNull();
    own.stop();
  });

  it("is an address that is not safe, where a browser has no devices at all", async () => {
    Object.defineProperty(navigator, "mediaDevices", { value: undefined, configurable: true });
    vi.stubGlobal("isSecureContext", false);
    const own = createOwn();
    await own.start();
    expect(own.state.get().stream).toBeNull();
    expect(devices.get().errors).toEqual({ camera: "insecure", microphone: "insecure" });
    own.stop();
  });
});
