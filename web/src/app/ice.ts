/** The servers by which two browsers find a way to each other: asked for once, and again shortly before they expire. */

import type { Result } from "../api/result";

/** Milliseconds before their end at which new ones are asked for: a chat that begins then should still find a relay. */
const MARGIN = 5 * 60_000;

interface Answer {
  iceServers: RTCIceServer[];
  iceTransportPolicy?: RTCIceTransportPolicy;
  expiresAt: string;
}

export interface IceParts {
  ask(options: { token?: string; headers?: Record<string, string> }): Promise<Result<Answer>>;
  freshToken(): Promise<string | null>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface IceServers {
  /** Rejects without an answer: only the server knows whether one's own address may be told to the partner. */
  get(key: () => Promise<string | null>): Promise<RTCConfiguration>;
  forget(): void;
}

export function createIceServers({ ask, freshToken, now }: IceParts): IceServers {
  let kept: { configuration: RTCConfiguration; until: number } | null = null;

  return {
    async get(key) {
      if (kept !== null && now() < kept.until) return kept.configuration;
      const token = await freshToken();
      const guest = token === null ? await key() : null;
      if (token === null && guest === null) throw new Error("nothing to ask with");
      const answer = await ask(token !== null ? { token } : { headers: { "x-ice-key": guest ?? "" } });
      if (!answer.ok && kept !== null) return kept.configuration;
      if (!answer.ok) throw new Error(answer.problem.code);
      const { iceServers, iceTransportPolicy = "all", expiresAt } = answer.value;
      kept = { configuration: { iceServers, iceTransportPolicy }, until: Date.parse(expiresAt) - MARGIN };
      return kept.configuration;
    },
    forget() {
      kept = null;
    },
  };
}
