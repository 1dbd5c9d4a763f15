/** How good a call is, from the browser's own figures, and what to send at each quality. */

export type Quality = "good" | "fair" | "poor" | "unknown";

/** How far a call reaches: pictures and sound, sound alone, or nothing but written words. */
export type Rung = "video" | "audio" | "text";

/** What one direction of a call has carried since it began. */
export interface Flow {
  packets: number;
  lost: number;
}

/** What was measured at one moment. Counters grow; the rest holds for this moment, null where nobody knows. */
export interface Figures {
  /** There and back, in seconds. */
  roundTrip: number | null;
  incoming: Flow;
  /** What the other side told about one's own packets. */
  outgoing: Flow;
  /** Room for what one sends, in bits a second. */
  room: number | null;
  videoSent: number;
  videoReceived: number;
  framesDecoded: number;
}

export interface Qualities {
  incoming: Quality;
  outgoing: Quality;
}

// Voices stay clear up to some 3 % of lost packets and break up from about 10 %; a round trip over 0.3 s is felt
// in a conversation, and from 0.8 s on people talk at the same time (ITU-T G.114 and G.107).
const LOSS = { fair: 0.03, poor: 0.1 };
const ROUND_TRIP = { fair: 0.3, poor: 0.8 };
const ROOM = { fair: 350_000, poor: 120_000 };
/** Fewer packets in a span say nothing about the share of the lost ones. */
const ENOUGH = 10;
/** So many packets of a picture in a span without a single frame: it stands still. */
const STANDS_STILL = 20;

const ORDER: readonly Quality[] = ["unknown", "good", "fair", "poor"];

/** The quality of both directions in the span between two moments. */
export function qualities(before: Figures, now: Figures): Qualities {
  return {
    incoming: worst(byLoss(before.incoming, now.incoming), byRoundTrip(now), byFrames(before, now)),
    outgoing: worst(byLoss(before.outgoing, now.outgoing), byRoundTrip(now), byRoom(before, now)),
  };
}

/** The one to show. */
export function worst(...all: readonly Quality[]): Quality {
  return all.reduce((found, next) => (ORDER.indexOf(next) > ORDER.indexOf(found) ? next : found), "unknown");
}

/** What is shown after `now`: a change counts when it was seen twice, so that a word does not flicker. */
export function settled(shown: Quality, last: Quality, now: Quality): Quality {
  if (shown === "unknown" || last === now) return now;
  return shown;
}

function byLoss(before: Flow, now: Flow): Quality {
  const arrived = now.packets - before.packets;
  const lost = Math.max(0, now.lost - before.lost); // a late packet can make the count of the lost ones smaller
  const sum = arrived + lost;
  return sum < ENOUGH ? "unknown" : grade(lost / sum, LOSS);
}

function byRoundTrip(now: Figures): Quality {
  return now.roundTrip === null ? "unknown" : grade(now.roundTrip, ROUND_TRIP);
}

function byFrames(before: Figures, now: Figures): Quality {
  if (now.videoReceived - before.videoReceived < STANDS_STILL) return "unknown";
  return now.framesDecoded === before.framesDecoded ? "poor" : "good";
}

/** Without a picture to send nobody knows how much would go through. */
function byRoom(before: Figures, now: Figures): Quality {
  if (now.room === null || now.videoSent === before.videoSent) return "unknown";
  return grade(-now.room, { fair: -ROOM.fair, poor: -ROOM.poor });
}

function grade(value: number, limits: { fair: number; poor: number }): Quality {
  if (value >= limits.poor) return "poor";
  return value >= limits.fair ? "fair" : "good";
}

/** What the picture may cost. `active` false: none is sent. */
export interface Sending {
  active: boolean;
  /** Bits a second. */
  maxBitrate: number;
  scaleResolutionDownBy: number;
  maxFramerate: number;
}

/** A screen has to be sharp and may be slow; a face the other way round. */
export function sendingFor(rung: Rung, quality: Quality, screen: boolean): Sending {
  const active = rung === "video";
  if (quality === "poor") {
    const scale = screen ? 1.5 : 4;
    return {
      active,
      maxBitrate: screen ? 300_000 : 150_000,
      scaleResolutionDownBy: scale,
      maxFramerate: screen ? 5 : 12,
    };
  }
  if (quality === "fair") {
    const scale = screen ? 1 : 2;
    return {
      active,
      maxBitrate: screen ? 700_000 : 450_000,
      scaleResolutionDownBy: scale,
      maxFramerate: screen ? 8 : 20,
    };
  }
  return {
    active,
    maxBitrate: screen ? 2_000_000 : 1_200_000,
    scaleResolutionDownBy: 1,
    maxFramerate: screen ? 15 : 30,
  };
}
