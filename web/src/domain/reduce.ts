/**
 * What becomes of a talk when something happens: one table, a row for each kind of event. A row that does not fit the
 * present phase returns the talk as it was. Time comes with the event.
 *
 * Longer than most files, since a table is read as one.
 */

import * as messages from "./messages";
import type { Chat, Line, Message, PartnerMedia, Place, Refusal, Sanction, Talk, Wish } from "./talk";

export type Notice = NonNullable<Talk["notice"]>;

/** What the server tells of a chat that begins. */
export type Start = Pick<
  Chat,
  "id" | "partnerId" | "partnerName" | "yourName" | "yourVideo" | "partnerVideo" | "commonInterests"
>;

export interface Events {
  // The line
  line: { line: Exclude<Line, "refused"> };
  refused: { refusal: Refusal };
  /** The connection stands again. `kept`: with everything that was there before. */
  online: { kept: boolean };
  counted: { online: number };
  seatTaken: object;
  /** The server goes and comes back; it keeps no chat. */
  restarting: object;
  sanctioned: { sanction: Sanction };
  notice: { notice: Notice | null };
  sanctionRead: object;
  seen: object;
  /** Nobody is signed in any more. */
  reset: object;
  // Looking for somebody
  seek: { wish: Wish; at: number };
  waiting: { at: number };
  placed: { place: Place };
  cancelled: object;
  // A chat
  started: { chat: Start; at: number };
  partnerLeft: { partnerId: string };
  left: object;
  closed: object;
  partnerAway: { away: boolean };
  partnerTyping: { typing: boolean };
  partnerMedia: { media: PartnerMedia };
  keepAsked: { yes: boolean };
  kept: { name: string; contact: string | null };
  // Its messages
  said: { clientId: string; text: string; at: number };
  heard: {
    chatId: string;
    id: string;
    seq: number;
    mine: boolean;
    text: string;
    at: number;
    hidden: boolean;
  };
  acked: { chatId: string; clientId: string; id: string; seq: number };
  failed: { chatId: string; clientId: string };
  again: { clientId: string };
}

export type Event = { [K in keyof Events]: { type: K } & Events[K] }[keyof Events];

type Row<K extends keyof Events> = (talk: Talk, event: Events[K]) => Talk;

export const NO_TALK: Talk = {
  line: "off",
  phase: "idle",
  online: null,
  wish: { withVideo: false, interests: [], language: null },
  place: null,
  waitingSince: null,
  chat: null,
  refusal: null,
  sanction: null,
  unread: 0,
  notice: null,
};

const TABLE: { [K in keyof Events]: Row<K> } = {
  line: (talk, { line }) => ({ ...talk, line, refusal: null }),
  refused: (talk, { refusal }) => ({ ...ended(idleIfWaiting(talk), "lost"), line: "refused", refusal }),
  online(talk, { kept }) {
    const here: Talk = { ...talk, line: "online", refusal: null };
    if (kept) return here;
    return here.phase === "waiting" ? { ...here, place: null } : ended(here, "lost");
  },
  counted: (talk, { online }) => ({ ...talk, online }),
  seatTaken: (talk) => ({ ...ended(idleIfWaiting(talk), "me"), line: "elsewhere" }),
  restarting: (talk) => ({ ...ended(talk, "lost"), notice: { text: "talk.restarting" } }),
  sanctioned: (talk, { sanction }) => ({ ...talk, sanction }),
  notice: (talk, { notice }) => ({ ...talk, notice }),
  sanctionRead: (talk) => ({ ...talk, sanction: null }),
  reset: (talk) => ({ ...NO_TALK, wish: talk.wish }),
  seen: (talk) => (talk.unread === 0 ? talk : { ...talk, unread: 0 }),

  seek: (talk, { wish, at }) => waiting({ ...talk, wish, sanction: warned(talk.sanction) }, at),
  waiting: (talk, { at }) => (talk.phase === "idle" ? talk : waiting(talk, at)),
  placed: (talk, { place }) => (talk.phase === "waiting" && place.position > 0 ? { ...talk, place } : talk),
  cancelled: idleIfWaiting,

  started: (talk, { chat, at }) => (talk.phase === "idle" ? talk : begun(talk, chat, at)),
  partnerLeft: (talk, { partnerId }) => (talk.chat?.partnerId === partnerId ? ended(talk, "partner") : talk),
  left: (talk) => ended(talk, "me"),
  closed: (talk) => (talk.phase === "over" ? { ...talk, phase: "idle", chat: null, unread: 0 } : talk),
  partnerAway: (talk, { away }) =>
    inChat(talk, (chat) => ({ ...chat, partnerAway: away, partnerTyping: chat.partnerTyping && !away })),
  partnerTyping: (talk, { typing }) => inChat(talk, (chat) => ({ ...chat, partnerTyping: typing })),
  partnerMedia: (talk, { media }) => inChat(talk, (chat) => ({ ...chat, partnerMedia: media })),
  keepAsked: (talk, { yes }) => inChat(talk, (chat) => ({ ...chat, keep: { ...chat.keep, asked: yes } })),
  kept: (talk, { name, contact }) =>
    inChat(talk, (chat) => ({ ...chat, keep: { asked: true, contact: { name, contact } } })),

  said: (talk, said) => inChat(talk, (chat) => withMessages(chat, messages.said(chat.messages, said))),
  heard(talk, heard) {
    if (talk.phase !== "chatting" || talk.chat?.id !== heard.chatId) return talk;
    const next = messages.heard(talk.chat.messages, heard);
    if (next === talk.chat.messages) return talk;
    const typing = talk.chat.partnerTyping && heard.mine;
    const unread = talk.unread + (heard.hidden && !heard.mine ? 1 : 0);
    return { ...talk, unread, chat: { ...talk.chat, messages: next, partnerTyping: typing } };
  },
  acked: (talk, acked) => inThat(talk, acked.chatId, (all) => messages.acked(all, acked)),
  failed: (talk, { chatId, clientId }) => inThat(talk, chatId, (all) => messages.failed(all, clientId)),
  again: (talk, { clientId }) =>
    inChat(talk, (chat) => withMessages(chat, messages.again(chat.messages, clientId))),
};

export function reduce(talk: Talk, event: Event): Talk {
  const row = TABLE[event.type] as Row<typeof event.type>;
  return row(talk, event as never);
}

function waiting(talk: Talk, at: number): Talk {
  const already = talk.phase === "waiting";
  return {
    ...talk,
    phase: "waiting",
    chat: null,
    unread: 0,
    place: already ? talk.place : null,
    waitingSince: already ? talk.waitingSince : at,
  };
}

function idleIfWaiting(talk: Talk): Talk {
  return talk.phase === "waiting" ? { ...talk, phase: "idle", place: null, waitingSince: null } : talk;
}

function begun(talk: Talk, start: Start, at: number): Talk {
  if (talk.phase === "chatting" && talk.chat?.id === start.id) return talk;
  const chat: Chat = {
    ...start,
    startedAt: at,
    messages: [],
    partnerTyping: false,
    partnerAway: false,
    partnerMedia: null,
    keep: { asked: false, contact: null },
    end: null,
  };
  return { ...talk, phase: "chatting", chat, place: null, waitingSince: null, unread: 0 };
}

/** A running chat is over, and is still shown; what was not sent by then never will be. */
function ended(talk: Talk, end: NonNullable<Chat["end"]>): Talk {
  if (talk.phase !== "chatting" || talk.chat === null) return talk;
  const chat: Chat = {
    ...talk.chat,
    end,
    messages: messages.abandoned(talk.chat.messages),
    partnerTyping: false,
    partnerAway: false,
  };
  return { ...talk, phase: "over", chat };
}

/** A warning has been read when one goes on; what still holds stays in sight. */
function warned(sanction: Sanction | null): Sanction | null {
  return sanction?.kind === "warning" ? null : sanction;
}

function inChat(talk: Talk, change: (chat: Chat) => Chat): Talk {
  return talk.phase === "chatting" && talk.chat !== null ? { ...talk, chat: change(talk.chat) } : talk;
}

/** The messages of one chat, running or over; of any other one nothing is known. */
function inThat(talk: Talk, chatId: string, change: (all: readonly Message[]) => readonly Message[]): Talk {
  return talk.chat?.id === chatId
    ? { ...talk, chat: withMessages(talk.chat, change(talk.chat.messages)) }
    : talk;
}

function withMessages(chat: Chat, all: readonly Message[]): Chat {
  return all === chat.messages ? chat : { ...chat, messages: all };
}
