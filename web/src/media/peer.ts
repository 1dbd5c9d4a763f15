/** One peer connection: descriptions, candidates and tracks. Its owner calls one thing at a time. */

export type Kind = "audio" | "video";

export interface PeerHandlers {
  connection(state: RTCPeerConnectionState): void;
  track(track: MediaStreamTrack): void;
  candidate(candidate: RTCIceCandidateInit | null): void;
}

export interface Peer {
  readonly connection: RTCPeerConnection;
  /** Whether both sides have said what they can. */
  described(): boolean;
  /** From the second one on a way through the network is looked for anew. */
  offer(): Promise<RTCSessionDescriptionInit>;
  answer(offer: RTCSessionDescriptionInit): Promise<RTCSessionDescriptionInit>;
  /** False: it belongs to an offer of long ago. */
  accept(answer: RTCSessionDescriptionInit): Promise<boolean>;
  candidate(candidate: RTCIceCandidateInit | null): Promise<void>;
  /** Sends this track from now on; null sends nothing. The partner is not asked. */
  send(kind: Kind, track: MediaStreamTrack | null): Promise<void>;
  sender(kind: Kind): RTCRtpSender | null;
  /** What `work` gives; rejects with `GONE` at the end of the connection. So does everything above. */
  alive<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export const GONE = new Error("the connection was closed");

const KINDS: readonly Kind[] = ["audio", "video"];

export function createPeer(configuration: RTCConfiguration, sends: boolean, handlers: PeerHandlers): Peer {
  const connection = new RTCPeerConnection(configuration);
  const together = new MediaStream(); // one name for both tracks, so that lips and voice stay together
  const tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  let early: RTCIceCandidateInit[] = [];
  let end: () => void = () => undefined;
  const gone = new Promise<never>((_, reject) => {
    end = () => reject(GONE);
  });
  gone.catch(() => undefined); // nobody need be waiting

  /** Browsers leave what is under way when a connection is closed unanswered for ever. */
  const alive = <T>(work: () => Promise<T>): Promise<T> => Promise.race([work(), gone]);

  connection.onconnectionstatechange = () => handlers.connection(connection.connectionState);
  connection.ontrack = ({ track }) => handlers.track(track);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate !== "") handlers.candidate(candidate?.toJSON() ?? null);
  };

  const transceiver = (kind: Kind): RTCRtpTransceiver | null =>
    connection.getTransceivers().find((one) => one.receiver.track.kind === kind) ?? null;

  /** Both kinds are there from the beginning, so that tracks can come and go without a new offer. */
  const equip = async (create: boolean): Promise<void> => {
    const direction = sends ? "sendrecv" : "recvonly";
    for (const kind of KINDS) {
      const found = transceiver(kind);
      if (found) {
        found.direction = direction;
        found.sender.setStreams?.(together);
      } else if (create) {
        connection.addTransceiver(kind, { direction, streams: [together] });
      }
      await attach(kind);
    }
  };

  const attach = async (kind: Kind): Promise<void> => {
    const sender = transceiver(kind)?.sender;
    if (sender && sender.track !== tracks[kind]) await sender.replaceTrack(tracks[kind]);
  };

  const addEarly = async (): Promise<void> => {
    const kept = early;
    early = [];
    for (const candidate of kept) await add(candidate);
  };

  /** One that belongs to an earlier offer is refused by the browser, and is no loss. */
  const add = (candidate: RTCIceCandidateInit): Promise<void> =>
    connection.addIceCandidate(candidate).catch(() => undefined);

  return {
    connection,
    described: () => connection.remoteDescription !== null && connection.localDescription !== null,
    offer: () =>
      alive(async () => {
        await equip(true);
        const offer = await connection.createOffer({ iceRestart: connection.remoteDescription !== null });
        await connection.setLocalDescription(offer);
        return offer;
      }),
    answer: (offer) =>
      alive(async () => {
        await connection.setRemoteDescription(offer);
        await equip(false);
        await addEarly();
        const answer = await connection.createAnswer();
        await connection.setLocalDescription(answer);
        return answer;
      }),
    accept: (answer) =>
      alive(async () => {
        if (connection.signalingState !== "have-local-offer") return false;
        await connection.setRemoteDescription(answer);
        await addEarly();
        return true;
      }),
    candidate: (candidate) =>
      alive(async () => {
        if (!candidate?.candidate) return; // the end of them: the connection finds out by itself
        if (connection.remoteDescription === null) early.push(candidate);
        else await add(candidate);
      }),
    send: (kind, track) =>
      alive(async () => {
        tracks[kind] = track;
        await attach(kind);
      }),
    sender: (kind) => transceiver(kind)?.sender ?? null,
    alive,
    close() {
      end();
      connection.onconnectionstatechange = null;
      connection.ontrack = null;
      connection.onicecandidate = null;
      connection.close();
    },
  };
}
