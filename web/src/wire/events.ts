/** What is said over the line. The server's own document is the source of these; see docs/asyncapi.yaml. */

export type Refused = { ok: false; code: string; message: string; retryAfter?: number };
export type Ack<T = object> = ({ ok: true } & T) | Refused;
export type Reply<T = object> = (answer: Ack<T>) => void;

export interface FindChatOptions {
  collegeEmail?: string | null;
  withVideo?: boolean | null;
  interests?: string[] | null;
  language?: string | null;
}

export interface ChatStart {
  withVideo: boolean;
  partnerId: string;
  yourVideo: boolean;
  partnerVideo: boolean;
  commonInterests: string[];
  chatId: string;
  yourName?: string;
  partnerName?: string;
}

export interface ServerMessage {
  sender: string;
  text: string;
  senderEmail: string;
  timestamp: string;
  id: string;
  seq: number;
  chatId: string;
}

export interface QueueStatus {
  position: number;
  estimate: number | null;
}

export interface ServerToClientEvents {
  onlineUsers: (count: number) => void;
  waiting: () => void;
  queueStatus: (place: QueueStatus) => void;
  chatStart: (chat: ChatStart) => void;
  partnerLeft: (who: { partnerId: string }) => void;
  partnerReconnecting: (nothing: object) => void;
  partnerBack: (nothing: object) => void;
  resumeKey: (secret: { key: string }) => void;
  seatTaken: (nothing: object) => void;
  message: (message: ServerMessage) => void;
  partnerTyping: (state: { typing: boolean }) => void;
  partnerMedia: (media: { audio: boolean; video: boolean; screen: boolean }) => void;
  "create-offer": () => void;
  "webrtc-offer": (signal: { offer: object; from: string }) => void;
  "webrtc-answer": (signal: { answer: object; from: string }) => void;
  "ice-candidate": (signal: { candidate: object | string | null; from: string }) => void;
  eventError: (refusal: { event: string; code: string; message: string; retryAfter?: number }) => void;
  tokenExpiring: (end: { expiresAt: string }) => void;
  tokenExpired: (nothing: object) => void;
  sanctioned: (sanction: { kind: string; reason: string; until: string | null }) => void;
  keptInTouch: (partner: { name: string; contact: string | null }) => void;
  replaced: (nothing: object) => void;
  serverRestarting: (nothing: object) => void;
}

export interface ClientToServerEvents {
  findChat: (options: FindChatOptions, reply: Reply<QueueStatus>) => void;
  next: (reply: Reply<QueueStatus>) => void;
  cancelSearch: (reply: Reply) => void;
  leaveChat: (reply: Reply) => void;
  sendMessage: (text: string, clientId: string, reply: Reply<{ id: string; seq: number }>) => void;
  typing: (on: boolean, reply: Reply) => void;
  "ready-to-connect": (reply: Reply) => void;
  "webrtc-offer": (signal: { offer: object }, reply: Reply) => void;
  "webrtc-answer": (signal: { answer: object }, reply: Reply) => void;
  "ice-candidate": (signal: { candidate: object | null }, reply: Reply) => void;
  mediaState: (media: { audio: boolean; video: boolean; screen: boolean }, reply: Reply) => void;
  refreshToken: (jwt: string, reply: Reply) => void;
  block: (which: { chatId?: string }, reply: Reply) => void;
  report: (
    what: { chatId?: string; reason: string; note?: string; evidence?: boolean },
    reply: Reply,
  ) => void;
  keepInTouch: (yes: boolean, reply: Reply) => void;
  iceKey: (reply: Reply<{ key: string; expiresIn: number }>) => void;
}
