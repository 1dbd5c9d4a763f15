/**
 * The messages of one chat: each once, those that the server has ordered by its order, one's own unsent ones behind.
 *
 * One's own message is told twice, by the ack and by the copy that everybody gets, in either order. The copy does not
 * name the client's id: it is matched by the server's, or, where the ack is not here yet, to the oldest unsent one of
 * the same text, because they are sent in order.
 */

import type { Message } from "./talk";

type All = readonly Message[];

export function said(all: All, { clientId, text, at }: { clientId: string; text: string; at: number }): All {
  if (all.some((message) => message.clientId === clientId)) return all;
  return [...all, { key: clientId, mine: true, text, at, delivery: "sending", seq: null, clientId }];
}

export interface Heard {
  id: string;
  seq: number;
  mine: boolean;
  text: string;
  at: number;
}

export function heard(all: All, { id, seq, mine, text, at }: Heard): All {
  const known = all.find((message) => message.key === id);
  if (known !== undefined) return known.at === at ? all : put(all, known, { ...known, at });
  const own = mine ? unsentOf(all, text) : undefined;
  const message: Message = {
    key: id,
    mine,
    text,
    at,
    delivery: mine ? "sent" : "received",
    seq,
    clientId: own?.clientId ?? null,
  };
  return put(all, own, message);
}

/** The ack of one's own message. Its copy may have been matched to another of the same text: the two change places. */
export function acked(all: All, { clientId, id, seq }: { clientId: string; id: string; seq: number }): All {
  const own = all.find((message) => message.clientId === clientId);
  const copy = all.find((message) => message.key === id);
  if (own === undefined || own === copy || own.seq !== null) return all;
  if (copy === undefined) return put(all, own, { ...own, key: id, seq, delivery: "sent" });
  const other = copy.clientId;
  return all
    .filter((message) => message !== own || other !== null)
    .map((message) => {
      if (message === copy) return { ...copy, clientId };
      return message === own ? { ...own, key: other ?? own.key, clientId: other } : message;
    });
}

export function failed(all: All, clientId: string): All {
  return mark(all, clientId, "failed");
}

export function again(all: All, clientId: string): All {
  return mark(all, clientId, "sending");
}

/** What is not sent when a chat ends never will be. */
export function abandoned(all: All): All {
  if (!all.some((message) => message.delivery === "sending")) return all;
  return all.map((message) =>
    message.delivery === "sending" ? { ...message, delivery: "failed" } : message,
  );
}

/** The oldest one that is to be sent. */
export function nextToSend(all: All): Message | undefined {
  return all.find((message) => message.delivery === "sending");
}

function mark(all: All, clientId: string, delivery: "failed" | "sending"): All {
  const unsent = (message: Message): boolean => message.clientId === clientId && message.seq === null;
  return all.some(unsent)
    ? all.map((message) => (unsent(message) ? { ...message, delivery } : message))
    : all;
}

/** The oldest unsent one of a text; one that was given up only if no other is on its way. */
function unsentOf(all: All, text: string): Message | undefined {
  const unsent = all.filter((message) => message.mine && message.seq === null && message.text === text);
  return unsent.find((message) => message.delivery === "sending") ?? unsent[0];
}

/** `message` instead of `old`, where the server's order has it: behind what came before, ahead of what is on its way. */
function put(all: All, old: Message | undefined, message: Message): All {
  const rest = all.filter((other) => other !== old);
  const later = rest.findIndex((other) => other.seq !== null && other.seq > (message.seq ?? 0));
  const at = later >= 0 ? later : rest.findLastIndex((other) => other.delivery !== "sending") + 1;
  return [...rest.slice(0, at), message, ...rest.slice(at)];
}
