import { expect, it } from "vitest";
import { bad, good } from "../../src/api/result";
import { createIceServers, type IceParts } from "../../src/app/ice";

const HOUR = 3_600_000;
const servers = [{ urls: ["stun:stun.example"] }];

function world(parts: Partial<IceParts> = {}) {
  const asked: object[] = [];
  let now = 0;
  const ice = createIceServers({
    async ask(options) {
      asked.push(options);
      return good({
        iceServers: servers,
        iceTransportPolicy: "relay",
        expiresAt: new Date(now + HOUR).toISOString(),
      });
    },
    freshToken: async () => "token",
    now: () => now,
    ...parts,
  });
  return {
    ice,
    asked,
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

const noKey = async (): Promise<null> => null;

it("servers are asked for with the token, and kept until shortly before their end", async () => {
  const { ice, asked, pass } = world();
  expect(await ice.get(noKey)).toEqual({ iceServers: servers, iceTransportPolicy: "relay" });
  pass(HOUR - 301_000);
  await ice.get(noKey);
  expect(asked).toEqual([{ token: "token" }]);
  pass(2000);
  await ice.get(noKey);
  expect(asked).toHaveLength(2);
});

it("a guest shows the key of the line", async () => {
  const { ice, asked } = world({ freshToken: async () => null });
  await ice.get(async () => "key");
  expect(asked).toEqual([{ headers: { "x-ice-key": "key" } }]);
});

it("without token and key nobody is asked", async () => {
  const { ice, asked } = world({ freshToken: async () => null });
  await expect(ice.get(noKey)).rejects.toThrow();
  expect(asked).toEqual([]);
});

it("without an answer no address is shown: the call asks again", async () => {
  const { ice } = world({ ask: async () => bad("offline") });
  await expect(ice.get(noKey)).rejects.toThrow();
});

it("somebody else gets servers of their own", async () => {
  const { ice, asked } = world();
  await ice.get(noKey);
  ice.forget();
  await ice.get(noKey);
  expect(asked).toHaveLength(2);
});
