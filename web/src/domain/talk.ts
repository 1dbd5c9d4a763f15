/** What the page knows of meeting and talking: plain values, and nothing that touches a browser. */

/** The line to the server. `refused`: it said no for good (see `Talk.refusal`). `elsewhere`: another tab took over. */
export type Line = "off" | "connecting" | "online" | "reconnecting" | "refused" | "elsewhere";

/** `over`: a chat has ended and is still shown. */
export type Phase = "idle" | "waiting" | "chatting" | "over";

/** How one's own message fares. `received` is the partner's. */
export type Delivery = "sending" | "sent" | "failed" | "received";

export interface Message {
  /** The server's id once it is known, the client's own until then. */
  key: string;
  mine: boolean;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  delivery: Delivery;
  /** The server's order; null while it has none. */
  seq: number | null;
  clientId: string | null;
}

export interface Place {
  /** From 1; 0 when paired at once. */
  position: number;
  /** Seconds, or null when nobody can tell. */
  estimate: number | null;
}

export interface Wish {
  withVideo: boolean;
  interests: string[];
  language: string | null;
}

export interface PartnerMedia {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

export interface Chat {
  id: string;
  partnerId: string;
  partnerName: string;
  yourName: string;
  yourVideo: boolean;
  partnerVideo: boolean;
  commonInterests: string[];
  startedAt: number;
  messages: readonly Message[];
  partnerTyping: boolean;
  /** The partner's connection is lost; they have a few seconds to return. */
  partnerAway: boolean;
  partnerMedia: PartnerMedia | null;
  /** One's own yes to staying in touch, and what came of it once both said yes. */
  keep: { asked: boolean; contact: { name: string; contact: string | null } | null };
  /** Who ended it, once it is over. `lost`: the connection was away for too long. */
  end: "partner" | "me" | "lost" | null;
}

export interface Refusal {
  code: string;
  message: string;
  until: string | null;
}

export interface Sanction {
  kind: "warning" | "mute" | "suspension" | "ban";
  reason: string;
  until: string | null;
}

export interface Talk {
  line: Line;
  phase: Phase;
  /** How many people are here; null until the server has told. */
  online: number | null;
  wish: Wish;
  place: Place | null;
  waitingSince: number | null;
  /** The running chat, or in `over` the one that has ended. */
  chat: Chat | null;
  refusal: Refusal | null;
  sanction: Sanction | null;
  /** Messages that came while the page was hidden. */
  unread: number;
  /** Something went wrong that the person should know: a key of the texts. Shown once, then cleared. */
  notice: { text: string; values?: Record<string, string | number> } | null;
}
