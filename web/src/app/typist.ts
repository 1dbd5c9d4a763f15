/** Tells the partner that one is typing: seldom, and never longer than it is true. */

import type { Line } from "../wire/line";

/** Said at most so often, and taken back after such a silence; in milliseconds. */
const AGAIN = 2000;
const SILENCE = 3000;

export interface Typist {
  typing(on: boolean): void;
  /** It was sent. */
  stop(): void;
  /** Whoever was to know it is gone. */
  forget(): void;
}

export interface TypistParts {
  line: Pick<Line, "ask">;
  /** Milliseconds since the epoch. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

export function createTypist({ line, now, wait }: TypistParts): Typist {
  /** When it was last said; null while one is not typing. */
  let told: number | null = null;
  let turn = 0;

  const forget = (): void => {
    turn += 1;
    told = null;
  };
  const stop = (): void => {
    if (told !== null) void line.ask("typing", false);
    forget();
  };
  return {
    stop,
    forget,
    typing(on) {
      if (!on) {
        stop();
        return;
      }
      turn += 1;
      const mine = turn;
      if (told === null || now() - told >= AGAIN) {
        told = now();
        void line.ask("typing", true);
      }
      void wait(SILENCE).then(() => (mine === turn ? stop() : undefined));
    },
  };
}
