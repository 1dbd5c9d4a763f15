/** One's own camera and microphone while they are open. */

import { createStore, type Store } from "../app/store";
import type { Talk } from "../domain/talk";
import { choose, type DeviceKind, devices, openMedia, stopMedia, switchCamera, want } from "./devices";

export interface OwnState {
  /** Another object after each change; null while nothing is open. */
  stream: MediaStream | null;
  camera: boolean;
  microphone: boolean;
  /** The browser is asking, or a device is starting. */
  opening: boolean;
}

export interface Own {
  state: Store<OwnState>;
  /** Opens what the person wants, and takes over what an earlier chat has left. */
  start(): Promise<void>;
  /** Off stops the camera, and its light goes out. */
  setCamera(on: boolean): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  use(kind: DeviceKind, id: string | null): Promise<void>;
  flip(): Promise<void>;
  stop(): void;
  /** Leaves everything open while somebody new is looked for, for `LINGER` at most: whoever starts by then has it. */
  linger(talk: Store<Talk>): void;
}

/** Between two chats in a row the picture need not flicker; milliseconds. */
export const LINGER = 5_000;

let left: { stream: MediaStream; forget(): void } | null = null;

/** Stops what an earlier chat has left open. */
export function stopLingering(): void {
  stopMedia(takeLeft());
}

function takeLeft(): MediaStream | null {
  if (left === null) return null;
  const { stream } = left;
  left.forget();
  left = null;
  return stream;
}

function leave(stream: MediaStream, talk: Store<Talk>): void {
  const timer = setTimeout(stopLingering, LINGER);
  const unsubscribe = talk.subscribe(() => {
    const { phase } = talk.get();
    if (phase === "idle" || phase === "over") stopLingering();
  });
  left = {
    stream,
    forget() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

export function createOwn(): Own {
  const state = createStore<OwnState>({ stream: null, camera: false, microphone: false, opening: false });
  let stopped = false;
  let work: Promise<void> = Promise.resolve();

  /** One thing after the other: two requests at once would leave one device open that nobody knows of. */
  const queue = (job: () => Promise<void>): Promise<void> => {
    work = work.then(async () => {
      if (stopped) return;
      state.update((now) => ({ ...now, opening: true }));
      await job();
      if (!stopped) state.update((now) => ({ ...now, opening: false }));
    });
    return work;
  };

  const trackOf = (kind: "audio" | "video"): MediaStreamTrack | null =>
    state
      .get()
      .stream?.getTracks()
      .find((track) => track.kind === kind && track.readyState === "live") ?? null;

  /** These tracks instead of the ones of the same kind. */
  const put = (kinds: readonly ("audio" | "video")[], fresh: MediaStream | null): void => {
    if (stopped) {
      stopMedia(fresh);
      return;
    }
    const others =
      state
        .get()
        .stream?.getTracks()
        .filter((track) => !kinds.some((kind) => kind === track.kind)) ?? [];
    const tracks = [...others, ...(fresh?.getTracks() ?? [])].filter((track) => track.readyState === "live");
    for (const track of tracks) {
      if (track.kind === "audio") track.enabled = devices.get().wanted.microphone;
      track.onended = () => put([track.kind as "audio" | "video"], null); // unplugged, or taken back by the person
    }
    state.update((now) => ({ ...now, stream: tracks.length > 0 ? new MediaStream(tracks) : null }));
    tell();
  };

  const tell = (): void =>
    state.update((now) => ({
      ...now,
      camera: trackOf("video") !== null,
      microphone: trackOf("audio")?.enabled === true,
    }));

  const close = (kind: "audio" | "video"): void => {
    const track = trackOf(kind);
    if (track) track.onended = null;
    track?.stop();
  };

  const open = async (kind: "audio" | "video"): Promise<void> => {
    close(kind);
    put([kind], await openMedia({ audio: kind === "audio", video: kind === "video" }));
  };

  const end = (): MediaStream | null => {
    stopped = true;
    const { stream } = state.get();
    for (const track of stream?.getTracks() ?? []) track.onended = null;
    state.set({ stream: null, camera: false, microphone: false, opening: false });
    return stream;
  };

  return {
    state,
    start: () =>
      queue(async () => {
        put(["audio", "video"], takeLeft());
        const { wanted } = devices.get();
        const missing = {
          audio: trackOf("audio") === null,
          video: wanted.camera && trackOf("video") === null,
        };
        if (!wanted.camera) close("video");
        const kinds = (["audio", "video"] as const).filter((kind) => missing[kind]);
        if (kinds.length > 0) put(kinds, await openMedia(missing));
      }),
    setCamera: (on) =>
      queue(async () => {
        want("camera", on);
        if (on) return open("video");
        close("video");
        put(["video"], null);
      }),
    setMicrophone: (on) =>
      queue(async () => {
        want("microphone", on);
        const track = trackOf("audio");
        if (on && track === null) return open("audio");
        if (track) track.enabled = on;
        tell();
      }),
    use: (kind, id) =>
      queue(async () => {
        choose(kind, id);
        if (kind === "camera") {
          want("camera", true);
          await open("video");
        }
        if (kind === "microphone") await open("audio");
      }),
    flip: () =>
      queue(async () => {
        const track = trackOf("video");
        if (track) track.onended = null;
        put(["video"], await switchCamera(track));
      }),
    stop: () => stopMedia(end()),
    linger(talk) {
      const stream = end();
      stopLingering();
      if (stream) leave(stream, talk);
    },
  };
}
