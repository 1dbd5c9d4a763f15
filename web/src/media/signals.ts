/** What the two ends of a call tell each other by way of the server. */

export interface Signals {
  ready(): void;
  offer(offer: RTCSessionDescriptionInit): void;
  answer(answer: RTCSessionDescriptionInit): void;
  /** null: there are no more. */
  candidate(candidate: RTCIceCandidateInit | null): void;
  /** Listens until the function that it returns is called. */
  on(handlers: SignalHandlers): () => void;
}

export interface SignalHandlers {
  createOffer(): void;
  offer(offer: RTCSessionDescriptionInit): void;
  answer(answer: RTCSessionDescriptionInit): void;
  candidate(candidate: RTCIceCandidateInit | null): void;
}

/** An offer with its number: an answer to an earlier one is told by it. Other pages leave it out. */
export interface Numbered extends RTCSessionDescriptionInit {
  round?: number;
}

export function plain({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return sdp === undefined ? { type } : { type, sdp };
}

/** Who is at the other end. It changes when the partner has built a connection anew. */
export function fingerprintOf(description: RTCSessionDescriptionInit | null | undefined): string | null {
  return /a=fingerprint:\S+\s+(\S+)/.exec(description?.sdp ?? "")?.[1] ?? null;
}
