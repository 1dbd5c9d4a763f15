/** Cameras, microphones and speakers: which there are, which one is used, and what stands in the way. */

import { createStore, type Store } from "../app/store";
import { barrier, type DeviceError, deviceError } from "./trouble";

export type { DeviceError } from "./trouble";
export type DeviceKind = "camera" | "microphone" | "speaker";
export type Permission = "granted" | "denied" | "prompt" | "unknown";

export interface Device {
  id: string;
  /** Empty until the person has let the page use one. */
  label: string;
}

export interface DevicesState {
  cameras: readonly Device[];
  microphones: readonly Device[];
  speakers: readonly Device[];
  /** null: the browser's own choice. */
  chosen: Readonly<Record<DeviceKind, string | null>>;
  /** Whether calls begin with it; for as long as the page is open. */
  wanted: Readonly<Record<"camera" | "microphone", boolean>>;
  permission: Readonly<Record<"camera" | "microphone", Permission>>;
  errors: Readonly<Record<"camera" | "microphone", DeviceError | null>>;
}

export interface Wanted {
  audio: boolean;
  video: boolean;
  /** Which camera of a phone; without it the chosen one. */
  facing?: "user" | "environment";
}

const KEYS: Record<DeviceKind, string> = {
  camera: "meetmates.camera",
  microphone: "meetmates.microphone",
  speaker: "meetmates.speaker",
};

export const devices: Store<DevicesState> = createStore<DevicesState>({
  cameras: [],
  microphones: [],
  speakers: [],
  chosen: { camera: kept("camera"), microphone: kept("microphone"), speaker: kept("speaker") },
  wanted: { camera: true, microphone: true },
  permission: { camera: "unknown", microphone: "unknown" },
  errors: { camera: null, microphone: null },
});

function kept(kind: DeviceKind): string | null {
  try {
    return localStorage.getItem(KEYS[kind]);
  } catch {
    return null; // nothing may be kept here
  }
}

/** Uses this one from now on; null leaves it to the browser. */
export function choose(kind: DeviceKind, id: string | null): void {
  devices.update((now) => ({ ...now, chosen: { ...now.chosen, [kind]: id } }));
  try {
    if (id === null) localStorage.removeItem(KEYS[kind]);
    else localStorage.setItem(KEYS[kind], id);
  } catch {
    // it holds until the page is closed
  }
}

/** Whether calls begin with the camera or the microphone on. */
export function want(kind: "camera" | "microphone", on: boolean): void {
  devices.update((now) => ({ ...now, wanted: { ...now.wanted, [kind]: on } }));
}

/** Keeps the lists up to date as devices come and go, until the function that it returns is called. */
export function watchDevices(): () => void {
  const media = navigator.mediaDevices;
  const heard = (): void => void refreshDevices();
  heard();
  media?.addEventListener?.("devicechange", heard);
  return () => media?.removeEventListener?.("devicechange", heard);
}

/** Asks the browser anew. Names are told only once the person has let the page use a device. */
export async function refreshDevices(): Promise<void> {
  const found = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const of = (kind: MediaDeviceKind): Device[] =>
    found
      .filter((one) => one.kind === kind && one.deviceId !== "")
      .map((one) => ({ id: one.deviceId, label: one.label }));
  const permission = { camera: await permissionOf("camera"), microphone: await permissionOf("microphone") };
  devices.update((now) => ({
    ...now,
    cameras: of("videoinput"),
    microphones: of("audioinput"),
    speakers: of("audiooutput"),
    permission,
  }));
}

async function permissionOf(name: "camera" | "microphone"): Promise<Permission> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return "unknown"; // not every browser tells
  }
}

/**
 * Opens what is wanted, or as much of it as there is; null when nothing opens. What stood in the way is in
 * `devices.errors`, and nothing is thrown.
 */
export async function openMedia(wanted: Wanted): Promise<MediaStream | null> {
  const closed = barrier();
  if (closed !== null) {
    blame(wanted, closed);
    return null;
  }
  const first = await attempt(wanted);
  const tracks =
    first === null && wanted.audio && wanted.video ? await oneByOne(wanted) : (first?.getTracks() ?? []);
  await refreshDevices();
  return tracks.length > 0 ? new MediaStream(tracks) : null;
}

/** The camera may be missing while the microphone is fine, or the other way round. */
async function oneByOne(wanted: Wanted): Promise<MediaStreamTrack[]> {
  const refused = devices.get().errors.camera === "denied";
  if (refused) await refreshDevices();
  const { permission } = devices.get();
  // After a no nobody is asked again; what was allowed before needs no question.
  const ask = (kind: "camera" | "microphone"): boolean => !refused || permission[kind] === "granted";
  const audio = ask("microphone") ? await attempt({ audio: true, video: false }) : null;
  const video = ask("camera") ? await attempt({ ...wanted, audio: false }) : null;
  return [audio, video].flatMap((stream) => stream?.getTracks() ?? []);
}

async function attempt(wanted: Wanted): Promise<MediaStream | null> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: wanted.audio && sound(),
      video: wanted.video && picture(wanted.facing),
    });
    blame(wanted, null);
    return stream;
  } catch (thrown) {
    blame(wanted, deviceError(thrown));
    return null;
  }
}

function sound(): MediaTrackConstraints {
  const id = devices.get().chosen.microphone;
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(id !== null && { deviceId: id }),
  };
}

/** Wishes, not conditions: a camera that was unplugged must not keep another one from opening. */
function picture(facing: Wanted["facing"]): MediaTrackConstraints {
  const id = devices.get().chosen.camera;
  const which = facing === undefined && id !== null ? { deviceId: id } : { facingMode: facing ?? "user" };
  return { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, ...which };
}

function blame({ audio, video }: Wanted, error: DeviceError | null): void {
  devices.update((now) => ({
    ...now,
    errors: { camera: video ? error : now.errors.camera, microphone: audio ? error : now.errors.microphone },
  }));
}

/** The camera after this one: the other side of a phone, or the next in the list. */
export async function switchCamera(current: MediaStreamTrack | null): Promise<MediaStream | null> {
  const { facingMode, deviceId } = current?.getSettings() ?? {};
  current?.stop(); // phones open one camera at a time
  if (facingMode === "user" || facingMode === "environment") {
    const stream = await openMedia({
      audio: false,
      video: true,
      facing: facingMode === "user" ? "environment" : "user",
    });
    choose("camera", stream?.getVideoTracks()[0]?.getSettings().deviceId ?? null);
    return stream;
  }
  const { cameras } = devices.get();
  const at = cameras.findIndex((camera) => camera.id === deviceId);
  choose("camera", cameras[(at + 1) % Math.max(1, cameras.length)]?.id ?? null);
  return openMedia({ audio: false, video: true });
}

/** The light of the camera goes out. */
export function stopMedia(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
