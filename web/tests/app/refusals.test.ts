import { expect, test, vi } from "vitest";
import { startRefusals } from "../../src/app/refusals";
import { createStore } from "../../src/app/store";
import type { TalkController } from "../../src/app/talk";
import type { Talk } from "../../src/domain/talk";
import { settled } from "./world";

const TALK = { line: "online", phase: "idle", chat: null, refusal: null } as Partial<Talk> as Talk;

function watched(holds: boolean) {
  const state = createStore<Talk>(TALK);
  const connect = vi.fn();
  const recheck = vi.fn(async () => holds);
  const clock = { now: 0 };
  startRefusals({ state, connect } as Pick<TalkController, "state" | "connect">, recheck, () => clock.now);
  const refuse = async (code: string): Promise<void> => {
    state.set({ ...TALK, line: "connecting" });
    state.set({ ...TALK, line: "refused", refusal: { code, message: "", until: null } });
    state.update((talk) => ({ ...talk, online: 7 })); // the same refusal, seen again
    await settled();
  };
  return { refuse, recheck, connect, clock };
}

test("a refused account is looked at again, once for each refusal", async () => {
  const { refuse, recheck, connect } = watched(false);
  await refuse("account_suspended");
  expect(recheck).toHaveBeenCalledOnce();
  await refuse("token_invalid");
  await refuse("ended");
  expect(recheck).toHaveBeenCalledTimes(3);
  expect(connect).not.toHaveBeenCalled();
});

test("a refused token that could be renewed is tried once, and not over and over", async () => {
  const { refuse, connect, clock } = watched(true);
  await refuse("token_invalid");
  await refuse("token_invalid");
  expect(connect).toHaveBeenCalledOnce();
  clock.now += 61_000;
  await refuse("token_invalid");
  expect(connect).toHaveBeenCalledTimes(2);
});
