/** One call: the media of one chat, from its beginning to its end. */

import { createStore, type Store } from "../app/store";
import { beginning, type History, note, type What } from "../domain/degrade";
import { type Quality, type Rung, sendingFor } from "../domain/quality";
import { createGauge } from "./gauge";
import { type Connection, createLink } from "./link";
import type { Kind, Peer } from "./peer";
import { openScreen } from "./screen";
import { applySending } from "./sending";
import type { Signals } from "./signals";

export type { SignalHandlers, Signals } from "./signals";

export interface MediaState {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

/** `audio`, `video`, `screen`: what oneself has switched on. */
export interface CallState extends MediaState {
  connection: Connection;
  remote: MediaStream | null;
  quality: Quality;
  rung: Rung;
}

export interface CallOptions {
  signals: Signals;
  configuration: () => Promise<RTCConfiguration>;
  /** What one sends; it may come later by `replace`. */
  mine: MediaStream | null;
  /** Whether one sends anything at all; left out, only who has a stream at the beginning does. */
  sends?: boolean;
  onChange?(): void;
  /** What the partner should be told. */
  mediaState(state: MediaState): void;
}

export interface Call {
  state: Store<CallState>;
  replace(stream: MediaStream | null): void;
  setMuted(kind: Kind, muted: boolean): void;
  shareScreen(on: boolean): Promise<void>;
  /** The line to the server is back, or the partner is, or the person wants to try once more. */
  reconnected(): void;
  close(): void;
}

const NEW: CallState = {
  connection: "new",
  remote: null,
  quality: "unknown",
  rung: "video",
  audio: false,
  video: false,
  screen: false,
};

export function createCall(options: CallOptions): Call {
  const sends = options.sends ?? options.mine !== null;
  const state = createStore<CallState>(NEW);
  const muted: Record<Kind, boolean> = { audio: false, video: false };
  let mine = options.mine;
  let screen: MediaStreamTrack | null = null;
  let history: History = beginning(performance.now());
  let sending: Quality = "unknown";
  let told = "";
  let closed = false;

  const change = (next: Partial<CallState>): void => {
    if (closed) return;
    state.update((now) => ({ ...now, ...next }));
    options.onChange?.();
  };

  const trackOf = (kind: Kind): MediaStreamTrack | null =>
    mine?.getTracks().find((track) => track.kind === kind && track.readyState === "live") ?? null;

  const load = async (peer: Peer): Promise<void> => {
    if (!sends) return;
    await peer.send("audio", trackOf("audio"));
    await peer.send("video", screen ?? trackOf("video"));
    await applySending(peer.sender("video"), sendingFor(state.get().rung, sending, screen !== null));
  };

  const step = (what: What): Rung => {
    history = note(history, what, performance.now());
    climb();
    return history.rung;
  };

  const climb = (): void => {
    if (history.rung === state.get().rung) return;
    change({ rung: history.rung });
    tell();
    link.reload();
  };

  const tell = (): void => {
    const { audio, video, screen, rung } = state.get();
    const shows = rung === "video";
    const media = { audio: audio && rung !== "text", video: video && shows, screen: screen && shows };
    const text = JSON.stringify(media);
    if (closed || text === told) return;
    told = text;
    options.mediaState(media);
  };

  const outfit = (): void => {
    for (const kind of ["audio", "video"] as const) {
      const track = trackOf(kind);
      if (track && muted[kind]) track.enabled = false;
    }
    const on = (kind: Kind): boolean => sends && trackOf(kind)?.enabled === true;
    change({ audio: on("audio"), video: on("video"), screen: screen !== null });
    tell();
    link.reload();
  };

  const endScreen = (): void => {
    if (screen) screen.onended = null;
    screen?.stop();
    screen = null;
  };

  const link = createLink({
    signals: options.signals,
    configuration: options.configuration,
    sends,
    load,
    changed(connection) {
      change({ connection, ...(connection !== "connected" && { quality: "unknown" }) });
      if (connection === "connected") step("connected");
    },
    track(track) {
      const remote = state.get().remote ?? new MediaStream();
      remote.addTrack(track);
      change({ remote });
    },
    cut: () => change({ remote: null, quality: "unknown" }),
    failed: () => step("failed") !== "text",
  });

  const gauge = createGauge(
    () => (state.get().connection === "connected" ? (link.peer()?.connection ?? null) : null),
    (reading) => {
      sending = reading.sending;
      if (reading.shown !== state.get().quality) change({ quality: reading.shown });
      step(reading.outgoing);
      link.reload(); // what the picture may cost
    },
  );

  outfit();
  return {
    state,
    replace(stream) {
      mine = stream;
      if (!closed) outfit();
    },
    setMuted(kind, off) {
      muted[kind] = off;
      const track = trackOf(kind);
      if (track) track.enabled = !off;
      if (!closed) outfit();
    },
    async shareScreen(on) {
      if (!sends || closed) return;
      const track = on ? await openScreen() : null;
      if (closed) track?.stop();
      if (closed || (on && !track)) return; // the person has thought better of it
      endScreen();
      screen = track;
      if (track) {
        track.onended = () => {
          endScreen(); // by the browser's own button
          outfit();
        };
      }
      outfit();
    },
    reconnected() {
      if (closed || state.get().connection === "connected") return;
      // What failed without a line says nothing about the network of now.
      history = beginning(performance.now());
      climb();
      link.again();
    },
    close() {
      if (closed) return;
      gauge.close();
      link.close();
      endScreen();
      mine = null;
      change({ audio: false, video: false, screen: false });
      closed = true;
    },
  };
}
