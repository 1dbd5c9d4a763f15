import { beforeAll, expect, test } from "vitest";
import { install, installable, startInstall } from "../../src/app/install";

beforeAll(startInstall);

/** What some browsers send once they would install the page. */
function offer(outcome: "accepted" | "dismissed"): Event & { asked: number } {
  const event = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), {
    asked: 0,
    userChoice: Promise.resolve({ outcome }),
    async prompt() {
      event.asked += 1;
    },
  });
  dispatchEvent(event);
  return event;
}

test("nothing is offered where the browser would not", async () => {
  expect(installable.get()).toBe(false);
  expect(await install()).toBe(false);
});

test("the browser's own question waits until the person asks for it", async () => {
  const event = offer("accepted");
  expect(event.defaultPrevented).toBe(true);
  expect([installable.get(), event.asked]).toEqual([true, 0]);
  expect(await install()).toBe(true);
  expect(event.asked).toBe(1);
});

test("an offer holds for one question", async () => {
  offer("dismissed");
  expect(await install()).toBe(false);
  expect(installable.get()).toBe(false);
});

test("an installed page offers nothing more", () => {
  offer("accepted");
  dispatchEvent(new Event("appinstalled"));
  expect(installable.get()).toBe(false);
});
