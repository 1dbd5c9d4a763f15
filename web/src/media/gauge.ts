/** Measures a connection from time to time, and says how good it is. */

import { type Figures, type Qualities, type Quality, qualities, settled, worst } from "../domain/quality";
import { figuresOf } from "./stats";

/** Milliseconds. */
export const MEASURE_EVERY = 2_000;

export interface Reading {
  /** For the person: both directions, and calm. */
  shown: Quality;
  /** For what one sends: calm as well. */
  sending: Quality;
  /** For the rule that goes down and up: the last span alone. */
  outgoing: Quality;
}

export interface Gauge {
  close(): void;
}

/** `connection` gives the one that is connected now, or null. */
export function createGauge(
  connection: () => RTCPeerConnection | null,
  tell: (reading: Reading) => void,
): Gauge {
  let measured: { of: RTCPeerConnection; figures: Figures; now: Qualities } | null = null;
  let shown: Quality = "unknown";
  let sending: Quality = "unknown";
  let closed = false;

  const measure = async (): Promise<void> => {
    const of = connection();
    if (of === null) return forget();
    const figures = figuresOf(await of.getStats());
    if (closed || of !== connection()) return;
    if (measured?.of !== of) {
      forget();
      measured = { of, figures, now: { incoming: "unknown", outgoing: "unknown" } };
      return;
    }
    const last = measured.now;
    const now = qualities(measured.figures, figures);
    shown = settled(shown, worst(last.incoming, last.outgoing), worst(now.incoming, now.outgoing));
    sending = settled(sending, last.outgoing, now.outgoing);
    measured = { of, figures, now };
    tell({ shown, sending, outgoing: now.outgoing });
  };

  const forget = (): void => {
    measured = null;
    shown = sending = "unknown";
  };

  const ticking = setInterval(() => void measure().catch(forget), MEASURE_EVERY);
  return {
    close() {
      closed = true;
      clearInterval(ticking);
    },
  };
}
