/**
 * Brings the server to where the person wants to be: looking for somebody, or out of the queue and out of the chat.
 *
 * What the person asks for holds at once on the screen. The server is told as soon as it can be, and again where its
 * answer was lost; what it still believes after that is put right when it says so.
 */

import type { Event } from "../domain/reduce";
import type { Talk } from "../domain/talk";
import type { Line } from "../wire/line";

/** Milliseconds to wait where the server does not say for how long. */
const PAUSE = 1000;
/** Milliseconds in which the news of a search that was asked for before the line broke would have come. */
const NEWS = 2500;

type Search = "findChat" | "next";
type Way = "leaveChat" | "cancelSearch";

export interface SeekerParts {
  line: Pick<Line, "ask" | "state">;
  talk(): Talk;
  dispatch(event: Event): void;
  wait(milliseconds: number): Promise<void>;
}

export interface Seeker {
  /** The talk is `waiting` now; `next` where a chat has just been running. */
  search(by: Search): void;
  /** The talk is neither waiting nor chatting now. */
  leave(by: Way): void;
  /** The server has said `waiting` or `chatStart`. */
  heard(): void;
  online(kept: boolean): void;
  /** Nothing is to be asked for any more. */
  forget(): void;
}

export function createSeeker({ line, talk, dispatch, wait }: SeekerParts): Seeker {
  /** What is still to be asked for, with one number for each wish of the person. */
  let owed: Search | Way | null = null;
  let turn = 0;

  const owe = (what: Search | Way | null): number => {
    owed = what;
    turn += 1;
    return turn;
  };

  const search = async (mine: number): Promise<void> => {
    const seeking = (): boolean => mine === turn && talk().phase === "waiting";
    while (seeking() && line.state().is === "online") {
      const { wish } = talk();
      const answer = owed === "next" ? await line.ask("next") : await line.ask("findChat", { ...wish });
      if (!seeking()) return;
      if (answer.ok) {
        owed = null;
        return dispatch({ type: "placed", place: { position: answer.position, estimate: answer.estimate } });
      }
      if (answer.code === "offline" || answer.code === "no_answer") return;
      if (answer.code !== "rate_limited") return refused();
      await wait(answer.retryAfter ?? PAUSE);
    }
  };

  const refused = (): void => {
    owe(null);
    dispatch({ type: "cancelled" });
    dispatch({ type: "notice", notice: { text: "talk.noSearch" } });
  };

  const leave = async (mine: number): Promise<void> => {
    while (mine === turn && owed !== null && line.state().is === "online") {
      const way = owed as Way;
      const answer = await line.ask(way);
      if (mine !== turn) return;
      if (answer.ok) owed = null;
      else if (answer.code === "not_in_chat")
        owed = "cancelSearch"; // the partner was quicker, and both wait again
      else if (answer.code === "not_allowed")
        owed = "leaveChat"; // somebody was found in this very moment
      else if (answer.code === "rate_limited") await wait(answer.retryAfter ?? PAUSE);
      else return;
    }
  };

  const askAgain = async (): Promise<void> => {
    const mine = turn;
    await wait(NEWS);
    if (mine === turn && owed !== null) await search(mine);
  };

  return {
    search: (by) => void search(owe(by)),
    leave: (by) => void leave(owe(by)),
    heard() {
      if (owed === "findChat" || owed === "next") owed = null;
    },
    online(kept) {
      if (talk().phase === "waiting") {
        if (!kept) void search(owe("findChat"));
        else if (owed !== null) void askAgain();
      } else if (kept && owed !== null) {
        void leave(turn);
      } else {
        owe(null);
      }
    },
    forget: () => void owe(null),
  };
}
