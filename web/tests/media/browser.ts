/** The media of a browser, as far as tests need it: tracks, devices and peer connections that can be counted. */

import { vi } from "vitest";

export class FakeTrack {
  enabled = true;
  readyState: "live" | "ended" = "live";
  contentHint = "";
  onended: (() => void) | null = null;
  constructor(
    readonly kind: "audio" | "video",
    readonly settings: MediaTrackSettings = {},
  ) {}
  getSettings = (): MediaTrackSettings => this.settings;
  stop(): void {
    this.readyState = "ended";
  }
  /** Unplugged, or ended by a button of the browser. */
  end(): void {
    this.readyState = "ended";
    this.onended?.();
  }
}

export class FakeStream {
  constructor(private tracks: FakeTrack[] = []) {}
  getTracks = (): FakeTrack[] => [...this.tracks];
  getAudioTracks = (): FakeTrack[] => this.tracks.filter((track) => track.kind === "audio");
  getVideoTracks = (): FakeTrack[] => this.tracks.filter((track) => track.kind === "video");
  addTrack(track: FakeTrack): void {
    this.tracks = [...this.tracks, track];
  }
}

class FakeSender {
  track: FakeTrack | null = null;
  parameters = { encodings: [{}] as RTCRtpEncodingParameters[] };
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    this.track = track;
  }
  getParameters = () => structuredClone(this.parameters);
  async setParameters(parameters: typeof this.parameters): Promise<void> {
    this.parameters = parameters;
  }
}

interface FakeTransceiver {
  kind: "audio" | "video";
  direction: RTCRtpTransceiverDirection;
  sender: FakeSender;
  receiver: { track: FakeTrack };
}

/** Connects as soon as both sides are described, if there is a network. */
export class FakePeer {
  static all: FakePeer[] = [];
  static network = true;
  readonly name = `peer-${FakePeer.all.length}`;
  connectionState: RTCPeerConnectionState = "new";
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  signalingState: RTCSignalingState = "stable";
  candidates: string[] = [];
  transceivers: FakeTransceiver[] = [];
  offers = 0;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;

  constructor(readonly configuration: RTCConfiguration) {
    FakePeer.all.push(this);
  }

  static open = (): FakePeer[] => FakePeer.all.filter((peer) => peer.connectionState !== "closed");

  getTransceivers = (): FakeTransceiver[] => this.transceivers;
  addTransceiver(kind: "audio" | "video", { direction }: { direction: RTCRtpTransceiverDirection }): void {
    this.transceivers.push({
      kind,
      direction,
      sender: new FakeSender(),
      receiver: { track: new FakeTrack(kind) },
    });
  }
  private describe = (type: RTCSdpType) => ({ type, sdp: `v=0\r\na=fingerprint:sha-256 ${this.name}\r\n` });
  async createOffer(): Promise<RTCSessionDescriptionInit> {
    this.offers += 1;
    return this.describe("offer");
  }
  createAnswer = async (): Promise<RTCSessionDescriptionInit> => this.describe("answer");

  async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
    if (description.type === "answer") this.settle();
  }
  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === "answer" && this.signalingState !== "have-local-offer")
      throw new Error("stable");
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (description.type === "offer" && this.transceivers.length === 0) {
      for (const kind of ["audio", "video"] as const) this.addTransceiver(kind, { direction: "recvonly" });
    }
    for (const { receiver } of this.transceivers) this.ontrack?.({ track: receiver.track });
    if (description.type === "answer") this.settle();
  }
  async addIceCandidate({ candidate }: RTCIceCandidateInit): Promise<void> {
    if (this.remoteDescription === null) throw new Error("no description yet");
    this.candidates.push(candidate ?? "");
  }
  getStats = async (): Promise<Map<string, unknown>> => new Map();

  private settle(): void {
    if (FakePeer.network) this.become("connected");
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.connectionState = "closed";
  }
}

export interface FakeDevices {
  asked: MediaStreamConstraints[];
  tracks: FakeTrack[];
  /** What the next requests answer; by default they open whatever is asked for. */
  answer(constraints: MediaStreamConstraints): void;
  screen: FakeTrack;
  permission: Record<"camera" | "microphone", PermissionState>;
}

/** Puts all of it in the place of the browser's own; `vi.unstubAllGlobals` takes it back. */
export function fakeBrowser(): FakeDevices {
  const made: FakeDevices = {
    asked: [],
    tracks: [],
    answer: () => undefined,
    screen: new FakeTrack("video"),
    permission: { camera: "prompt", microphone: "prompt" },
  };
  FakePeer.all = [];
  FakePeer.network = true;
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  vi.stubGlobal("isSecureContext", true);
  const open = async (constraints: MediaStreamConstraints): Promise<FakeStream> => {
    made.asked.push(constraints);
    made.answer(constraints);
    const kinds = (["audio", "video"] as const).filter((kind) => constraints[kind]);
    const tracks = kinds.map((kind) => new FakeTrack(kind));
    made.tracks.push(...tracks);
    return new FakeStream(tracks);
  };
  const mediaDevices = {
    getUserMedia: open,
    getDisplayMedia: async () => new FakeStream([made.screen]),
    enumerateDevices: async () => [],
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  const query = async ({ name }: { name: "camera" | "microphone" }) => ({ state: made.permission[name] });
  Object.defineProperty(navigator, "permissions", { value: { query }, configurable: true });
  Object.defineProperty(navigator, "mediaDevices", { value: mediaDevices, configurable: true });
  return made;
}

/** Lets everything happen that waits for no time. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}
