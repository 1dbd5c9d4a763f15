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

/** The number of an offer, in its text: an answer to an earlier one is told by it. Other pages leave it out. */
const ROUND = /a=x-round:(\d+)\r\n/;

/** This description with a number; browsers pass by what they do not know (RFC 8866, section 5.13). */
export function numbered(
  { type, sdp = "" }: RTCSessionDescriptionInit,
  round: number | null,
): RTCSessionDescriptionInit {
  return { type, sdp: round === null ? sdp : `${sdp}a=x-round:${round}\r\n` };
}

export function roundOf({ sdp = "" }: RTCSessionDescriptionInit): number | null {
  const found = ROUND.exec(sdp)?.[1];
  return found === undefined ? null : Number(found);
}

/** As the other browser made it. */
export function plain({ type, sdp = "" }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return { type, sdp: sdp.replace(ROUND, "") };
}

/** Who is at the other end. It changes when the partner has built a connection anew. */
export function fingerprintOf(description: RTCSessionDescriptionInit | null | undefined): string | null {
  return /a=fingerprint:\S+\s+(\S+)/.exec(description?.sdp ?? "")?.[1] ?? null;
}
