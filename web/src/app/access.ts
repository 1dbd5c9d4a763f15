/**
 * The access token: kept in memory alone, renewed by itself before it ends.
 *
 * What renews it is in a cookie that all tabs share and that works once. So tabs renew one after the other (`alone`),
 * and an answer that got lost is asked for again at once: the server repeats it for 20 s (docs/accounts.md, "Tokens").
 */

import type { Tokens } from "../api/accounts";
import { bad, good, isPassing, type Problem, type Result } from "../api/result";
import { lifetime } from "../domain/lifetime";

/** Milliseconds before its end at which a token counts as old. */
export const MARGIN = 60_000;
/** A timer of a browser holds no more than this. */
const LONGEST = 2 ** 31 - 1;

export interface AccessParts {
  refresh(): Promise<Result<Tokens>>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs jobs of all tabs one after the other. */
  alone<T>(job: () => Promise<T>): Promise<T>;
  /** Calls `job` later, unless the function that it returns is called. */
  later(milliseconds: number, job: () => void): () => void;
  /** Waits before the next try, `tries` being how many there were; shorter when the network is back. */
  pause(tries: number, trouble: Problem): Promise<void>;
  /** The sign-in is over: it was ended elsewhere, or the account is kept out. */
  onEnd(trouble: Problem): void;
}

export interface Access {
  hold(tokens: Tokens): void;
  drop(): void;
  /** The token as it is, be it over or not. */
  current(): string | null;
  /** A token that is good for a while, renewed if need be; null without a sign-in. Without a network, the old one. */
  fresh(): Promise<string | null>;
  /** Renews, once. An end that is final is told to `onEnd` as well. */
  renew(): Promise<Result<string>>;
  /** Renews, as often as it takes. */
  renewPatiently(onTrouble?: (trouble: Problem) => void): Promise<Result<string>>;
}

export function createAccess(parts: AccessParts): Access {
  let held: { token: string; end: number } | null = null;
  let hand = 0; // counts changes of hand, so that an answer to an older question is not believed
  let renewal: Promise<Result<string>> | null = null;
  let stopTimer = (): void => {};

  function hold(tokens: Tokens): void {
    hand += 1;
    const life = lifetime(tokens, parts.now());
    held = { token: tokens.token, end: parts.now() + life };
    stopTimer();
    stopTimer = parts.later(
      Math.min(LONGEST, Math.max(life / 2, life - MARGIN)),
      () => void renewPatiently(),
    );
  }

  function drop(): void {
    hand += 1;
    held = null;
    stopTimer();
  }

  async function renewNow(): Promise<Result<string>> {
    const before = hand;
    const answer = await parts.alone(() => (before === hand ? parts.refresh() : Promise.resolve(null)));
    if (answer === null || before !== hand) return held === null ? OVER : good(held.token);
    if (answer.ok) {
      hold(answer.value);
      return good(answer.value.token);
    }
    if (!isPassing(answer.problem)) {
      drop();
      parts.onEnd(answer.problem);
    }
    return answer;
  }

  function renew(): Promise<Result<string>> {
    renewal ??= renewNow().finally(() => {
      renewal = null;
    });
    return renewal;
  }

  async function renewPatiently(onTrouble: (trouble: Problem) => void = () => {}): Promise<Result<string>> {
    const before = hand;
    for (let tries = 1; ; tries += 1) {
      const answer = await renew();
      if (answer.ok || !isPassing(answer.problem)) return answer;
      onTrouble(answer.problem);
      await parts.pause(tries, answer.problem);
      if (before !== hand) return held === null ? OVER : good(held.token);
    }
  }

  async function fresh(): Promise<string | null> {
    if (held !== null && held.end - parts.now() < MARGIN) await renew();
    return held?.token ?? null;
  }

  return { hold, drop, current: () => held?.token ?? null, fresh, renew, renewPatiently };
}

/** Somebody has signed out in the meantime. */
const OVER: Result<string> = bad("no_session", { status: 401 });
