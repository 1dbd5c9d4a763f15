/** What the browser measures, in the form that the rules read. */

import type { Figures, Flow } from "../domain/quality";

/** The fields that are read here; TypeScript's own types leave most of them out. */
interface Entry {
  type: string;
  kind?: string;
  packetsReceived?: number;
  packetsSent?: number;
  packetsLost?: number;
  framesDecoded?: number;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
  localId?: string;
}

export function figuresOf(report: RTCStatsReport): Figures {
  const entries: Entry[] = [];
  report.forEach((entry: Entry) => {
    entries.push(entry);
  });
  const of = (type: string): Entry[] => entries.filter((entry) => entry.type === type);
  const incoming = of("inbound-rtp");
  const outgoing = of("outbound-rtp");
  const video = (entry: Entry): boolean => entry.kind === "video";
  const pair = of("candidate-pair").find((entry) => entry.nominated && entry.state === "succeeded");
  return {
    roundTrip: pair?.currentRoundTripTime ?? null,
    room: pair?.availableOutgoingBitrate ?? null,
    incoming: flow(sum(incoming, "packetsReceived"), sum(incoming, "packetsLost")),
    outgoing: sent(sum(outgoing, "packetsSent"), sum(of("remote-inbound-rtp"), "packetsLost")),
    videoSent: sum(outgoing.filter(video), "packetsSent"),
    videoReceived: sum(incoming.filter(video), "packetsReceived"),
    framesDecoded: sum(incoming.filter(video), "framesDecoded"),
  };
}

function flow(packets: number, lost: number): Flow {
  return { packets, lost };
}

/** The partner's count of lost packets comes a little later than one's own of the sent ones. */
function sent(all: number, lost: number): Flow {
  return flow(Math.max(0, all - lost), lost);
}

function sum(
  entries: readonly Entry[],
  field: "packetsReceived" | "packetsSent" | "packetsLost" | "framesDecoded",
): number {
  return entries.reduce((total, entry) => total + (entry[field] ?? 0), 0);
}
