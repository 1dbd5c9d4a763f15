import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { route } from "../../src/app/router";
import { createStore } from "../../src/app/store";
import type { TalkController } from "../../src/app/talk";
import { devicesTried, setWish } from "../../src/app/wish";
import type { Phase, Talk } from "../../src/domain/talk";
import { setLocale } from "../../src/i18n";
import { devices } from "../../src/media/devices";
import { Devices } from "../../src/screens/Devices";
import { type FakeDevices, fakeBrowser, settle } from "../media/browser";

let browser: FakeDevices;
let place: HTMLElement;
let seek: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  browser = fakeBrowser();
  setLocale("en");
  setWish({ withVideo: true });
  route.set("devices");
  place = document.createElement("div");
  document.body.replaceChildren(place);
  HTMLMediaElement.prototype.play = async () => undefined;
});

afterEach(() => {
  act(() => render(null, place));
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function show(phase: Phase = "idle"): Promise<void> {
  const state = createStore({ phase } as Talk);
  seek = vi.fn(() => state.set({ phase: "waiting" } as Talk));
  await act(async () => render(<Devices talk={{ state, seek } as unknown as TalkController} />, place));
  await act(settle);
}

const button = (label: string) =>
  [...place.querySelectorAll("button")].find((one) => one.textContent === label) as HTMLButtonElement;
const press = (label: string) => act(async () => button(label).click());

describe("the trial of the devices", () => {
  it("shows oneself, and goes on to the search with what was wished for", async () => {
    await show();
    expect(place.querySelector(".own-picture")).not.toBeNull();
    await press("Looks good, go on");
    expect(seek).toHaveBeenCalledWith(expect.objectContaining({ withVideo: true }));
    expect(route.get()).toBe("waiting");
    expect(devicesTried()).toBe(true);
    expect(devices.get().wanted.camera).toBe(true);
  });

  it("lets one go on without a camera", async () => {
    await show();
    await press("Go on without camera");
    expect(route.get()).toBe("waiting");
    expect(devices.get().wanted.camera).toBe(false);
  });

  it("leads back into a chat that is going on, and searches for nobody", async () => {
    await show("chatting");
    await press("Looks good, go on");
    expect(seek).not.toHaveBeenCalled();
    expect(route.get()).toBe("chat");
  });

  it("says what stands in the way and how to mend it, and leaves the way without a camera open", async () => {
    browser.answer = () => {
      throw Object.assign(new Error(), { name: "NotFoundError" });
    };
    await show();
    expect(place.textContent).toContain("No camera was found.");
    expect(place.textContent).toContain("Plug one in");
    expect(button("Looks good, go on").disabled).toBe(true);
    expect(button("Go on without camera").disabled).toBe(false);
  });

  it("closes everything when it is left", async () => {
    await show();
    act(() => render(null, place));
    expect(browser.tracks.map((track) => track.readyState)).toEqual(["ended", "ended"]);
  });
});
