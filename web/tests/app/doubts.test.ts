import { expect, test, vi } from "vitest";
import { startDoubts } from "../../src/app/doubts";
import type { Session } from "../../src/app/membership";
import { createStore } from "../../src/app/store";
import { NO_TALK, reduce } from "../../src/domain/reduce";
import type { Talk } from "../../src/domain/talk";

function refused(code: string, who: Session["state"]): number {
  const state = createStore<Talk>(NO_TALK);
  const session = createStore<Session>({ state: who, config: null, user: null, trouble: null });
  const check = vi.fn(async () => {});
  const stop = startDoubts({ session, talk: { state }, check });
  state.update((talk) => reduce(talk, { type: "refused", refusal: { code, message: "", until: null } }));
  state.update((talk) => reduce(talk, { type: "counted", online: 2 })); // no news of the refusal
  stop();
  return check.mock.calls.length;
}

test("an end without a word, or a token that is not taken, makes one ask whether one is still signed in", () => {
  expect(refused("ended", "in")).toBe(1);
  expect(refused("token_invalid", "in")).toBe(1);
});

test("a guest has no sign-in to doubt, and a sanction leaves it as it is", () => {
  expect(refused("ended", "guest")).toBe(0);
  expect(refused("account_suspended", "in")).toBe(0);
});
