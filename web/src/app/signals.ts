/** What the two browsers of a call tell each other, by way of the server. */

import type { Talk } from "../domain/talk";
import type { ServerToClientEvents } from "../wire/events";
import type { Line } from "../wire/line";

export interface Heard {
  createOffer(): void;
  offer(offer: RTCSessionDescriptionInit): void;
  answer(answer: RTCSessionDescriptionInit): void;
  /** Null at the end of candidates. */
  candidate(candidate: RTCIceCandidateInit | null): void;
}

export interface Signals {
  ready(): void;
  offer(offer: RTCSessionDescriptionInit): void;
  answer(answer: RTCSessionDescriptionInit): void;
  candidate(candidate: RTCIceCandidateInit | null): void;
  on(handlers: Heard): () => void;
}

export interface SignalParts {
  line: Pick<Line, "ask" | "on">;
  talk(): Talk;
  wait(milliseconds: number): Promise<void>;
}

type Kind = "ready-to-connect" | "webrtc-offer" | "webrtc-answer" | "ice-candidate";

/** So often a signal is sent while the server says that there are too many. */
const TRIES = 4;

export function createSignals({ line, talk, wait }: SignalParts): Signals {
  const listeners = new Set<Heard>();

  const send = async (kind: Kind, ...args: object[]): Promise<void> => {
    const chatId = talk().chat?.id;
    for (
      let tries = 0;
      tries < TRIES && talk().phase === "chatting" && talk().chat?.id === chatId;
      tries += 1
    ) {
      const answer = await line.ask(kind, ...(args as never));
      if (answer.ok || answer.code !== "rate_limited") return; // a line that breaks makes the two begin anew
      await wait(answer.retryAfter ?? 500);
    }
  };

  /** Only the present partner is listened to. */
  const tell = (from: string | null, call: (heard: Heard) => void): void => {
    const { phase, chat } = talk();
    if (phase !== "chatting" || (from !== null && from !== chat?.partnerId)) return;
    for (const heard of [...listeners]) call(heard);
  };

  line.on("create-offer", () => tell(null, (heard) => heard.createOffer()));
  line.on("webrtc-offer", ({ offer, from }) =>
    tell(from, (heard) => heard.offer(offer as RTCSessionDescriptionInit)),
  );
  line.on("webrtc-answer", ({ answer, from }) =>
    tell(from, (heard) => heard.answer(answer as RTCSessionDescriptionInit)),
  );
  line.on("ice-candidate", ({ candidate, from }) =>
    tell(from, (heard) => heard.candidate(candidateOf(candidate))),
  );

  return {
    ready: () => void send("ready-to-connect"),
    offer: (offer) => void send("webrtc-offer", { offer: { type: offer.type, sdp: offer.sdp } }),
    answer: (answer) => void send("webrtc-answer", { answer: { type: answer.type, sdp: answer.sdp } }),
    candidate: (candidate) => void send("ice-candidate", { candidate }),
    on(handlers) {
      listeners.add(handlers);
      return () => listeners.delete(handlers);
    },
  };
}

type Candidate = Parameters<ServerToClientEvents["ice-candidate"]>[0]["candidate"];

function candidateOf(told: Candidate): RTCIceCandidateInit | null {
  if (typeof told === "string") return told === "" ? null : { candidate: told };
  return told as RTCIceCandidateInit | null;
}
