/** What a form of one step needs: one request at a time, what came of it, and how long to wait. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem, Result } from "../../api/result";

export interface Asking {
  busy: boolean;
  problem: Problem | null;
  /** Seconds until the next try is allowed; 0 when it is. */
  wait: number;
  clear(): void;
  /** Runs a request unless one is running; keeps its problem. */
  ask<T>(job: () => Promise<Result<T>>): Promise<Result<T> | null>;
}

export function useAsking(): Asking {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const [wait, startWait] = useCountdown();
  return {
    busy,
    problem,
    wait,
    clear: () => setProblem(null),
    async ask(job) {
      if (running.current || wait > 0) return null;
      running.current = true;
      setBusy(true);
      setProblem(null);
      const answer = await job();
      running.current = false;
      setBusy(false);
      if (!answer.ok) {
        setProblem(answer.problem);
        if (answer.problem.code === "too_many") startWait(answer.problem.retryAfter ?? 5);
      }
      return answer;
    },
  };
}

/** Seconds that are left, and how to begin. */
export function useCountdown(): [number, (seconds: number) => void] {
  const [end, setEnd] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (end === 0) return;
    const look = (): void => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds === 0) clearInterval(timer);
    };
    const timer = setInterval(look, 500);
    look();
    return () => clearInterval(timer);
  }, [end]);
  return [
    left,
    (seconds) => {
      setEnd(Date.now() + seconds * 1000);
      setLeft(seconds);
    },
  ];
}

/** `0:45`, `12:05`. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
