/** Two ends of a call, and between them what the server does with their signals (docs/protocol.md, "WebRTC"). */

import type { SignalHandlers, Signals } from "../../src/media/signals";

export interface End {
  signals: Signals;
  listeners: Set<SignalHandlers>;
  /** How often it said that it is ready. */
  readies: number;
  offers: RTCSessionDescriptionInit[];
  answers: RTCSessionDescriptionInit[];
}

/** The first end has the smaller id, so it is the one that makes the offers. */
export function createRoom(): [End, End] {
  const ends: End[] = [];
  const tell = (to: End | undefined, call: (heard: SignalHandlers) => void): void => {
    for (const heard of to?.listeners ?? []) call(heard);
  };
  for (const place of [0, 1]) {
    const partner = (): End | undefined => ends[1 - place];
    const end: End = {
      listeners: new Set(),
      readies: 0,
      offers: [],
      answers: [],
      signals: {
        ready() {
          end.readies += 1;
          if (ends.every(({ readies }) => readies > 0)) tell(ends[0], (heard) => heard.createOffer());
        },
        offer(offer) {
          end.offers.push(offer);
          tell(partner(), (heard) => heard.offer(offer));
        },
        answer(answer) {
          end.answers.push(answer);
          tell(partner(), (heard) => heard.answer(answer));
        },
        candidate: (candidate) => tell(partner(), (heard) => heard.candidate(candidate)),
        on(handlers) {
          end.listeners.add(handlers);
          return () => end.listeners.delete(handlers);
        },
      },
    };
    ends.push(end);
  }
  return ends as [End, End];
}
