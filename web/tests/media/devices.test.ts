import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { choose, devices, openMedia, switchCamera } from "../../src/media/devices";
import { levelOf } from "../../src/media/level";
import { type FakeDevices, FakeTrack, fakeBrowser } from "./browser";

let browser: FakeDevices;

beforeEach(() => {
  browser = fakeBrowser();
});

afterEach(() => {
  choose("camera", null);
  vi.unstubAllGlobals();
});

const camera = (settings: MediaTrackSettings) =>
  new FakeTrack("video", settings) as unknown as MediaStreamTrack;

describe("the chosen camera", () => {
  it("is remembered in this browser, and no longer than one likes", () => {
    choose("camera", "front-42");
    expect(localStorage.getItem("meetmates.camera")).toBe("front-42");
    choose("camera", null);
    expect(localStorage.getItem("meetmates.camera")).toBeNull();
  });

  it("is a wish: where it is gone another one opens", async () => {
    choose("camera", "front-42");
    await openMedia({ audio: false, video: true });
    expect(browser.asked).toEqual([
      { audio: false, video: expect.objectContaining({ deviceId: "front-42" }) },
    ]);
  });

  it("on a phone is changed for the one on the other side, after it has let go", async () => {
    const front = camera({ facingMode: "user" });
    browser.answer = () => expect(front.readyState).toBe("ended");
    await switchCamera(front);
    expect(browser.asked[0]?.video).toMatchObject({ facingMode: "environment" });
  });

  it("elsewhere is changed for the next in the list, and round again", async () => {
    const cameras = ["one", "two"].map((id) => ({ id, label: id }));
    devices.update((now) => ({ ...now, cameras }));
    await switchCamera(camera({ deviceId: "one" }));
    expect(browser.asked[0]?.video).toMatchObject({ deviceId: "two" });
    devices.update((now) => ({ ...now, cameras }));
    await switchCamera(camera({ deviceId: "two" }));
    expect(browser.asked[1]?.video).toMatchObject({ deviceId: "one" });
  });
});

describe("the level of a microphone", () => {
  it("is nothing in silence, and grows as the ear hears it", () => {
    const at = (height: number): number => levelOf(new Float32Array(256).fill(height));
    expect(at(0)).toBe(0);
    expect(at(0.0001)).toBe(0);
    expect(at(0.03)).toBeGreaterThan(0.3);
    expect(at(0.3)).toBeGreaterThan(at(0.03));
    expect(at(1)).toBe(1);
  });
});
