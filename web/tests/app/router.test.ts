import { afterEach, expect, it } from "vitest";
import { follow, leaveGuard, navigate, pushStep, route, routeOf, startRouter } from "../../src/app/router";

const stop = startRouter();
afterEach(() => {
  leaveGuard(null);
  navigate("welcome");
});

it.each([
  ["/", "welcome"],
  ["/start", "start"],
  ["/start/", "start"],
  ["/nowhere", "welcome"],
  ["/toString", "welcome"],
])("%s is the screen %s", (path, screen) => {
  expect(routeOf(path)).toBe(screen);
});

it("a screen has its address, and a place in the history behind the one before", () => {
  navigate("help");
  expect([route.get(), location.pathname]).toEqual(["help", "/help"]);
  const { place } = history.state as { place: number };
  navigate("signin");
  expect(history.state).toMatchObject({ place: place + 1, from: "help" });
});

it("a screen that takes another one's place leaves the history as long as it was", () => {
  navigate("start");
  navigate("waiting");
  const { place } = history.state as { place: number };
  navigate("chat", { replace: true });
  expect(history.state).toMatchObject({ place, from: "start" });
  expect(location.pathname).toBe("/chat");
});

it("a step within a screen is another place with the same screen", () => {
  navigate("signin");
  const { place } = history.state as { place: number };
  pushStep("?step=code");
  expect(history.state).toMatchObject({ place: place + 1, from: "signin" });
  expect([route.get(), location.search]).toEqual(["signin", "?step=code"]);
});

it("a link asks whoever guards the screen", async () => {
  navigate("chat");
  leaveGuard(async () => false);
  await follow("help");
  expect(route.get()).toBe("chat");
  leaveGuard(async () => true);
  await follow("help");
  expect(route.get()).toBe("help");
});

it("what goes somewhere by itself asks nobody", () => {
  navigate("chat");
  leaveGuard(async () => false);
  navigate("start");
  expect(route.get()).toBe("start");
});

it("the browser's own back is heard until the router is stopped", () => {
  navigate("help");
  history.replaceState({ place: 0, from: null, scroll: 7 }, "", "/start");
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  expect(route.get()).toBe("start");
  stop();
  history.replaceState(null, "", "/help");
  dispatchEvent(new PopStateEvent("popstate", { state: null }));
  expect(route.get()).toBe("start");
});
