// Generated from src/meetmates/edge/events.py by `make docs`. Do not edit.

/** The answer to an event: what it adds to `ok: true`, or why not. */
export type Ack<T = unknown> = ({ ok: true } & T) | Refusal;

/** Takes the answer to an event. */
export type AckCallback<T = unknown> = (answer: Ack<T>) => void;

/** Why an event was refused. */
export type RefusalCode = Refusal["code"];

/** Why a connection was refused. */
export type DenialCode = ConnectRefused["code"];

/** Which message of the chat it became. */
export interface Accepted {
  id: string;
  seq: number;
}

/** An answer from the partner, whose socket id is `from`. */
export interface AnswerFrom {
  from: string;
  answer: RTCSessionDescriptionInit;
}

/** A session description of type `answer`. */
export interface AnswerPayload {
  answer: RTCSessionDescriptionInit;
}

/** Which chat's partner; the running chat's, or else the last one's, where none is named. */
export interface BlockOptions {
  chatId?: string | null;
}

/**
 * A candidate from the partner, whose socket id is `from`; null or empty at the end of candidates.
 */
export interface CandidateFrom {
  from: string;
  candidate: RTCIceCandidateInit | string | null;
}

/** An ICE candidate; null or empty at the end of candidates. */
export interface CandidatePayload {
  candidate: RTCIceCandidateInit | string | null;
}

/**
 * A chat has begun. `yourVideo` says whether to open one's own camera, `partnerVideo` whether to
 * expect one.
 */
export interface ChatStart {
  withVideo: boolean;
  partnerId: string;
  yourVideo: boolean;
  partnerVideo: boolean;
  commonInterests: string[];
  chatId: string;
  yourName: string;
  partnerName: string;
}

/** The `data` of a CONNECT_ERROR. `until` (ISO 8601, UTC) stands beside `account_suspended`. */
export interface ConnectRefused {
  code: "token_missing" | "token_invalid" | "token_expired" | "account_gone" | "account_banned" | "account_suspended";
  until?: string;
}

/** An event that asked for no acknowledgement was refused. `retryAfter` is in milliseconds. */
export interface EventError {
  event: string;
  code: "not_in_chat" | "bad_argument" | "too_long" | "rate_limited" | "muted" | "unknown_event" | "not_allowed";
  message: string;
  retryAfter?: number;
}

/**
 * A key for the header `x-ice-key`, good for `expiresIn` seconds if the connection lasts as long.
 */
export interface IceKeyGiven {
  key: string;
  expiresIn: number;
}

/**
 * Both would keep in touch: `name` is the partner's in this chat, `contact` its e-mail address, if
 * it has one.
 */
export interface KeptInTouch {
  name: string;
  contact: string | null;
}

/** What somebody sends at the moment. */
export interface Media {
  audio: boolean;
  video: boolean;
  screen?: boolean;
}

/** One message, to both sides. `seq` counts from 1 within the chat and is the order for both. */
export interface Message {
  sender: string;
  text: string;
  senderEmail: string;
  timestamp: string;
  id: string;
  seq: number;
  chatId: string;
}

/** No content: the event says it all. */
export type Nothing = Record<string, never>;

/** An offer from the partner, whose socket id is `from`. */
export interface OfferFrom {
  from: string;
  offer: RTCSessionDescriptionInit;
}

/** A session description of type `offer`. */
export interface OfferPayload {
  offer: RTCSessionDescriptionInit;
}

/** The chat is over; `partnerId` is who left. */
export interface PartnerLeft {
  partnerId: string;
}

/** What the partner sends at the moment. */
export interface PartnerMedia {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

/** Whether the partner is typing. */
export interface PartnerTyping {
  typing: boolean;
}

/**
 * The place in the queue from 1, or 0 when paired at once; about how many seconds it may take, or
 * null.
 */
export interface Placed {
  position: number;
  estimate: number | null;
}

/** The place in the queue, from 1, and about how many seconds it may take, if that can be told. */
export interface QueueStatus {
  position: number;
  estimate: number | null;
}

/** An event was refused, and nothing has changed. `retryAfter` is in milliseconds. */
export interface Refusal {
  ok: false;
  code: "not_in_chat" | "bad_argument" | "too_long" | "rate_limited" | "muted" | "unknown_event" | "not_allowed";
  message: string;
  retryAfter?: number;
}

/** What happened. `evidence` hands the chat's last messages to the moderators, and nobody else. */
export interface ReportOptions {
  reason: "harassment" | "minor" | "nudity" | "other" | "spam" | "threat";
  chatId?: string | null;
  note?: string | null;
  evidence?: boolean;
}

/** With `auth.resume` set to this key the client takes up where it was, once. */
export interface ResumeKey {
  key: string;
}

/** Where the client stands after its return; `missed` events follow that it may not have seen. */
export interface Resumed {
  state: "chatting" | "idle" | "waiting";
  chatId: string | null;
  missed: number;
}

/** A moderator, or the automatic step, acted: `until` is ISO 8601 in UTC, or null for good. */
export interface Sanctioned {
  kind: "ban" | "mute" | "suspension" | "warning";
  reason: string;
  until: string | null;
}

/**
 * What somebody looks for. Interests and language are wishes: they are given up after a short wait.
 */
export interface SeekOptions {
  collegeEmail?: string | null;
  withVideo?: boolean | null;
  interests?: string[] | null;
  language?: string | null;
}

/** The token ends at `expiresAt` (ISO 8601, UTC): answer with `refreshToken`. */
export interface TokenExpiring {
  expiresAt: string;
}

/** What the server sends. */
export interface ServerToClientEvents {
  /** The number of connections: to a newcomer at once, to everyone else once per window. */
  onlineUsers: (payload: number) => void;
  /** The client is in the queue. */
  waiting: () => void;
  /** Every 5 s, to clients that used an acknowledgement with findChat or next. */
  queueStatus: (payload: QueueStatus) => void;
  /** Two people were paired. */
  chatStart: (payload: ChatStart) => void;
  /** The chat is over. */
  partnerLeft: (payload: PartnerLeft) => void;
  /** The partner's connection was lost; the chat goes on while it may come back. */
  partnerReconnecting: (payload: Nothing) => void;
  /** The partner is back. */
  partnerBack: (payload: Nothing) => void;
  /** After each CONNECT of a client that can resume: private, good once. */
  resumeKey: (payload: ResumeKey) => void;
  /** The client came back by its key; what it missed follows. */
  resumed: (payload: Resumed) => void;
  /** Another connection of the same account took over the chat or the place in the queue. */
  seatTaken: (payload: Nothing) => void;
  /** One message, to both sides. */
  message: (payload: Message) => void;
  /** Whether the partner is typing; dropped under pressure. */
  partnerTyping: (payload: PartnerTyping) => void;
  /** What the partner sends at the moment. */
  partnerMedia: (payload: PartnerMedia) => void;
  /** Both would keep in touch, and each learns how to reach the other; once in a chat. */
  keptInTouch: (payload: KeptInTouch) => void;
  /** Both are ready: make the WebRTC offer. Exactly one of the two is told. */
  "create-offer": () => void;
  /** An offer from the partner. */
  "webrtc-offer": (payload: OfferFrom) => void;
  /** An answer from the partner. */
  "webrtc-answer": (payload: AnswerFrom) => void;
  /** A candidate from the partner. */
  "ice-candidate": (payload: CandidateFrom) => void;
  /** An event that asked for no acknowledgement was refused. */
  eventError: (payload: EventError) => void;
  /** The token ends in 60 s. */
  tokenExpiring: (payload: TokenExpiring) => void;
  /** Something is held against the account from now on. */
  sanctioned: (payload: Sanctioned) => void;
  /** The token is over; the connection ends. */
  tokenExpired: (payload: Nothing) => void;
  /** The account opened a sixth connection; this one, its oldest, ends. */
  replaced: (payload: Nothing) => void;
  /** The server restarts: the connection ends, come back in a moment. */
  serverRestarting: (payload: Nothing) => void;
}

/** What clients may send. */
export interface ClientToServerEvents {
  /**
   * Ends a running chat, joins the queue, pairs when somebody fits. Acknowledged with the place in
   * the queue.
   */
  findChat: (
    ...args:
      | [ack: AckCallback<Placed>]
      | [wish: string | SeekOptions | null, ack: AckCallback<Placed>]
      | [wish: string | SeekOptions | null, withVideo: boolean | null, ack: AckCallback<Placed>]
  ) => void;
  /** Ends the chat and queues both again; outside of a chat joins the queue. */
  next: (ack: AckCallback<Placed>) => void;
  /** Leaves the queue. */
  cancelSearch: (ack: AckCallback) => void;
  /** Ends the chat; nobody is queued. */
  leaveChat: (ack: AckCallback) => void;
  /**
   * One message to the partner. A repeat with the same client id is answered as the first and
   * delivered once.
   */
  sendMessage: (
    ...args:
      | [text: string, ack: AckCallback<Accepted>]
      | [text: string, clientId: string | null, ack: AckCallback<Accepted>]
  ) => void;
  /** Whether the sender is typing. */
  typing: (typing: boolean, ack?: AckCallback) => void;
  /** The sender can take WebRTC signals now. */
  "ready-to-connect": (ack?: AckCallback) => void;
  /** An offer for the partner. */
  "webrtc-offer": (payload: OfferPayload, ack?: AckCallback) => void;
  /** An answer for the partner. */
  "webrtc-answer": (payload: AnswerPayload, ack?: AckCallback) => void;
  /** A candidate for the partner. */
  "ice-candidate": (payload: CandidatePayload, ack?: AckCallback) => void;
  /** What the sender sends now. */
  mediaState: (media: Media, ack?: AckCallback) => void;
  /** Whether the sender would keep in touch with the partner. Nobody is told before both would. */
  keepInTouch: (yes: boolean, ack: AckCallback) => void;
  /** A fresh token of the same account, before the old one ends. */
  refreshToken: (token: string, ack: AckCallback) => void;
  /**
   * Asks for a key that opens `GET /api/ice-servers` without a token, for as long as this
   * connection lasts.
   */
  iceKey: (ack: AckCallback<IceKeyGiven>) => void;
  /** Never meet that partner again. Works for 5 minutes after a chat, too. */
  block: (
    ...args:
      | [ack: AckCallback]
      | [options: BlockOptions | null, ack: AckCallback]
  ) => void;
  /** Tells the moderators about that partner. Works for 5 minutes after a chat, too. */
  report: (report: ReportOptions, ack: AckCallback) => void;
}
