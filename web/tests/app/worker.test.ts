/** The service worker as a browser would run it: its file, with the few things of a browser that it uses. */

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { withFiles } from "../../shell";

const SOURCE = readFileSync("public/sw.js", "utf8");
const FILES = ["assets/app-1.js", "offline.html", "theme.js"];
const HOME = "https://meet.example";

type Handler = (event: Record<string, unknown>) => void;
type Caches = Map<string, Map<string, string>>;

/** A worker of one build, on a device with `caches`, and a network that `online` can take away. */
function worker(build: string, caches: Caches = new Map()) {
  const handlers = new Map<string, Handler>();
  const network = { online: true, status: 200, asked: [] as string[] };
  const path = (request: string | { url: string }): string =>
    new URL(typeof request === "string" ? request : request.url, HOME).pathname;
  const look = async (request: string | { url: string }): Promise<unknown> => {
    for (const kept of caches.values()) {
      const body = kept.get(path(request));
      if (body !== undefined) return { status: 200, body };
    }
    return undefined;
  };
  runInNewContext(
    withFiles(SOURCE, FILES, () => build),
    {
      URL,
      Request: class {
        constructor(readonly url: string) {}
      },
      Response: { error: () => "error" },
      location: { origin: HOME },
      self: {
        addEventListener: (name: string, handler: Handler) => handlers.set(name, handler),
        skipWaiting: async () => {},
        clients: { claim: async () => {} },
        registration: {},
      },
      caches: {
        open: async (name: string) => ({
          addAll: async (requests: { url: string }[]) =>
            void caches.set(name, new Map(requests.map(({ url }) => [url, `${build}:${url}`]))),
        }),
        keys: async () => [...caches.keys()],
        delete: async (name: string) => caches.delete(name),
        match: look,
      },
      fetch: async (request: { url: string }) => {
        network.asked.push(path(request));
        if (!network.online) throw new TypeError("no network");
        return { status: network.status, body: "network" };
      },
    },
  );
  const run = async (name: string): Promise<void> => {
    let done: unknown;
    handlers.get(name)?.({
      waitUntil(work: unknown) {
        done = work;
      },
    });
    await done;
  };
  /** What the worker answers; undefined when it leaves the request to the browser. */
  const ask = async (url: string, { mode = "cors", method = "GET" } = {}): Promise<unknown> => {
    let answer: unknown;
    const request = { url: new URL(url, HOME).href, mode, method };
    handlers.get("fetch")?.({
      request,
      respondWith(given: unknown) {
        answer = given;
      },
    });
    return ((await answer) as { body?: string } | undefined)?.body ?? answer;
  };
  return {
    network,
    caches,
    ask,
    screen: (url: string) => ask(url, { mode: "navigate" }),
    start: async () => {
      await run("install");
      await run("activate");
    },
  };
}

test.each([
  "/api/config",
  "/api",
  "/socket.io/?EIO=4",
  "/admin",
  "/admin/reports",
  "https://elsewhere.example/assets/a.js",
])("%s is none of its business", async (url) => {
  const { ask, screen, network } = worker("one");
  expect(await ask(url)).toBeUndefined();
  expect(await screen(url)).toBeUndefined();
  expect(network.asked).toEqual([]);
});

test("what is sent is never touched", async () => {
  expect(await worker("one").ask("/assets/app-1.js", { method: "POST" })).toBeUndefined();
});

test("screens come from the network, and nothing of them is kept", async () => {
  const { start, screen, caches } = worker("one");
  await start();
  expect(await screen("/chat")).toBe("network");
  expect([...caches.values()].flatMap((kept) => [...kept.keys()])).toEqual(FILES.map((file) => `/${file}`));
});

test("without a network a screen says so kindly", async () => {
  const { start, screen, network } = worker("one");
  await start();
  network.online = false;
  expect(await screen("/chat")).toBe("one:/offline.html");
});

test("a server that is just starting again counts as none", async () => {
  const { start, screen, network } = worker("one");
  await start();
  network.status = 502;
  expect(await screen("/")).toBe("one:/offline.html");
  network.status = 500;
  expect(await screen("/")).toBe("network");
});

test("files with their content in their name are not asked for twice", async () => {
  const { start, ask, network } = worker("one");
  await start();
  expect(await ask("/assets/app-1.js")).toBe("one:/assets/app-1.js");
  expect(network.asked).toEqual([]);
  expect(await ask("/assets/later-2.js")).toBe("network");
});

test("other files come from the network while there is one", async () => {
  const { start, ask, network } = worker("one");
  await start();
  expect(await ask("/theme.js")).toBe("network");
  network.online = false;
  expect(await ask("/theme.js")).toBe("one:/theme.js");
});

test("a new build replaces the one before the last", async () => {
  const caches: Caches = new Map([["somebody-else", new Map()]]);
  for (const build of ["one", "two", "three"]) await worker(build, caches).start();
  const kept = [...caches.values()].flatMap((files) => [...files.values()]);
  expect(kept.filter((body) => body.endsWith("offline.html"))).toEqual([
    "two:/offline.html",
    "three:/offline.html",
  ]);
  expect(caches.has("somebody-else")).toBe(true);
});

test("the same files make the same worker, any other another", () => {
  const built = (content: string): string => withFiles(SOURCE, FILES, () => content);
  expect(built("a")).toBe(built("a"));
  expect(built("a")).not.toBe(built("b"));
  expect(built("a")).not.toContain('"dev"');
});
