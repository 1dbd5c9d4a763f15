/**
 * The way to the partner, and how it is mended.
 *
 * The server says who makes the offer, each time that one of the two says `ready`: so whoever sees trouble first asks,
 * and the two never make an offer at the same time. A connection belongs to one other end: when the partner has built
 * a new one (its fingerprint tells), so do we.
 */

import { createPeer, GONE, type Peer } from "./peer";
import { fingerprintOf, numbered, plain, roundOf, type Signals } from "./signals";

export type Connection = "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

export interface LinkOptions {
  signals: Signals;
  configuration(): Promise<RTCConfiguration>;
  sends: boolean;
  /** Puts the tracks on a connection; called whenever one is new or has been described anew. */
  load(peer: Peer): Promise<void>;
  changed(connection: Connection): void;
  track(track: MediaStreamTrack): void;
  /** What the partner sent has ended; it may begin again. */
  cut(): void;
  /** An attempt came to nothing; told once for each. Returns whether to go on: false rests for a while. */
  failed(): boolean;
}

export interface Link {
  peer(): Peer | null;
  /** Puts the tracks on the connection that there is. */
  reload(): void;
  /** Begins anew, with all patience. */
  again(): void;
  close(): void;
}

/** Milliseconds. */
export const TIMES = {
  /** A broken connection often comes back by itself. */
  patience: 3_000,
  /** From an offer to a connection, over a slow relay. */
  attempt: 15_000,
  /** Nobody has answered: the partner's page may still be asking for a camera. */
  silence: 15_000,
  /** After having given up, the first rest; each one is twice as long as the one before. */
  rest: 30_000,
  longestRest: 240_000,
};

export function createLink(options: LinkOptions): Link {
  const { signals } = options;
  let peer: Peer | null = null;
  let connection: Connection = "new";
  let round = 0;
  let tries = 0;
  let rests = 0;
  /** Since when an attempt to connect is under way; in milliseconds, null while there is none. */
  let begun: number | null = null;
  let hopeful = true;
  let alarm: ReturnType<typeof setTimeout> | undefined;
  let work: Promise<void> = Promise.resolve();
  const closed = (): boolean => connection === "closed";

  /** One thing after the other, in the order in which it came: a candidate belongs to the description before it. */
  const queue = (job: () => Promise<void> | void): void => {
    work = work.then(() => (closed() ? undefined : job())).catch(startOver);
  };

  const load = (own: Peer): Promise<void> => own.alive(() => options.load(own));

  /** No configuration came, or the two descriptions do not fit together. */
  const startOver = (thrown: unknown): void => {
    if (closed() || thrown === GONE) return; // whoever has closed it has gone on
    dismantle();
    wait(TIMES.patience, ask);
  };

  const wait = (milliseconds: number, then: () => void): void => {
    clearTimeout(alarm);
    // Both sides see the same trouble; whoever asks a little earlier spares the other one the question.
    alarm = setTimeout(then, milliseconds + Math.random() * Math.min(2_000, milliseconds / 2));
  };

  const become = (next: Connection): void => {
    if (closed() || next === connection) return;
    connection = next;
    options.changed(next);
  };

  const build = async (): Promise<Peer> => {
    const configuration = await options.configuration();
    if (closed()) throw new Error("the call has ended");
    dismantle();
    const own = createPeer(configuration, options.sends, {
      connection: (now) => own === peer && watch(now),
      track: (track) => own === peer && options.track(track),
      candidate: (candidate) => own === peer && signals.candidate(candidate),
    });
    peer = own;
    await load(own);
    return own;
  };

  const dismantle = (): void => {
    if (peer === null) return;
    peer.close();
    peer = null;
    options.cut();
    if (connection === "connected") become("connecting");
  };

  const watch = (now: RTCPeerConnectionState): void => {
    if (now === "connected") {
      clearTimeout(alarm);
      fresh();
      become("connected");
    } else if (now === "disconnected") {
      become("disconnected");
      wait(TIMES.patience, mend);
    } else if (now === "failed") {
      become("disconnected"); // it is not given up yet
      lose();
      wait(100, mend);
    }
  };

  const fresh = (): void => {
    tries = rests = 0;
    begun = null;
    hopeful = true;
  };

  /** Counts the attempt that is under way as failed, whichever of the two has given it up. */
  const lose = (): void => {
    if (begun === null) return;
    begun = null;
    hopeful = options.failed();
  };

  /** Asks the server to let the two begin anew. */
  const ask = (): void => {
    wait(TIMES.silence, mend);
    queue(async () => {
      if (peer === null) await build();
      signals.ready();
    });
  };

  const underWay = (): void => {
    // A new round after so long: the partner has given the last one up a little earlier than oneself.
    if (begun !== null && performance.now() - begun > TIMES.attempt / 2) lose();
    if (peer?.connection.connectionState !== "connected") {
      begun ??= performance.now();
      become("connecting");
    }
    wait(TIMES.attempt, mend);
  };

  const mend = (): void => {
    if (closed() || peer?.connection.connectionState === "connected") return;
    // Without an answer nothing has failed yet: the partner is not there, or not ready.
    const tried = peer?.described() === true;
    if (tried) lose();
    if (tried ? !hopeful : rests > 0) {
      rest();
      return;
    }
    if (tried && ++tries % 2 === 0) dismantle(); // another way through the network did not help: all of it anew
    if (tried) become("connecting");
    ask();
  };

  const rest = (): void => {
    dismantle();
    become("failed");
    wait(Math.min(TIMES.longestRest, TIMES.rest * 2 ** rests++), ask);
  };

  const forget = signals.on({
    createOffer: () =>
      queue(async () => {
        const own = peer ?? (await build());
        underWay();
        signals.offer(numbered(await own.offer(), ++round));
        await load(own);
      }),
    offer: (offer) =>
      queue(async () => {
        const own = peer === null || isAnother(peer, offer) ? await build() : peer;
        underWay();
        signals.answer(numbered(await own.answer(plain(offer)), roundOf(offer)));
        await load(own);
      }),
    answer: (answer) =>
      queue(async () => {
        if (peer === null || (roundOf(answer) ?? round) !== round) return;
        if (isAnother(peer, answer)) {
          dismantle();
          ask();
        } else if (await peer.accept(plain(answer))) await load(peer);
      }),
    candidate: (candidate) => queue(() => peer?.candidate(candidate)),
  });

  ask();
  return {
    peer: () => peer,
    reload: () => queue(() => (peer === null ? undefined : load(peer).catch(() => undefined))),
    again() {
      fresh();
      if (connection === "failed" || connection === "disconnected") become("connecting");
      ask();
    },
    close() {
      if (closed()) return;
      dismantle();
      become("closed");
      clearTimeout(alarm);
      forget();
    },
  };
}

function isAnother(peer: Peer, description: RTCSessionDescriptionInit): boolean {
  const known = fingerprintOf(peer.connection.remoteDescription);
  return known !== null && known !== fingerprintOf(description);
}
