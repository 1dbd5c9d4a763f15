/**
 * Sends what was written: one message after the other, each until the server has it.
 *
 * A message goes out under its own `clientId` however often it is sent, so the server takes it once. It belongs to its
 * chat: nothing that was written for one partner is sent when that chat is over.
 */

import { nextToSend } from "../domain/messages";
import type { Event } from "../domain/reduce";
import type { Message, Talk } from "../domain/talk";
import type { Line } from "../wire/line";

/** Milliseconds to wait where the server does not say for how long. */
const PAUSE = 1000;
/** So often an answer may fail to come before a message counts as not sent. */
const SILENCES = 2;

export interface SenderParts {
  line: Pick<Line, "ask" | "state">;
  talk(): Talk;
  dispatch(event: Event): void;
  wait(milliseconds: number): Promise<void>;
}

export interface Sender {
  /** There may be something to send. */
  pump(): void;
}

export function createSender({ line, talk, dispatch, wait }: SenderParts): Sender {
  let busy = false;
  /** Something has changed since the last look. */
  let news = false;
  const silences = new Map<string, number>();

  const next = (): { chatId: string; message: Message; clientId: string } | null => {
    const { phase, chat } = talk();
    if (phase !== "chatting" || chat === null || line.state().is !== "online") return null;
    const message = nextToSend(chat.messages);
    return message?.clientId ? { chatId: chat.id, message, clientId: message.clientId } : null;
  };

  /** True when there may be more to do. */
  const sendOne = async (): Promise<boolean> => {
    const one = next();
    if (one === null) return false;
    const { chatId, clientId, message } = one;
    const answer = await line.ask("sendMessage", message.text, clientId);
    if (answer.ok) {
      silences.delete(clientId);
      dispatch({ type: "acked", chatId, clientId, id: answer.id, seq: answer.seq });
      return true;
    }
    if (answer.code === "offline") return line.state().is === "online"; // it may be back by now
    if (answer.code === "rate_limited") {
      await wait(answer.retryAfter ?? PAUSE);
      return true;
    }
    if (answer.code === "no_answer" && silence(clientId) < SILENCES) return true;
    silences.delete(clientId);
    dispatch({ type: "failed", chatId, clientId });
    if (answer.code === "muted") dispatch({ type: "notice", notice: { text: "talk.muted" } });
    return true;
  };

  const silence = (clientId: string): number => {
    const times = (silences.get(clientId) ?? 0) + 1;
    silences.set(clientId, times);
    return times;
  };

  const run = async (): Promise<void> => {
    news = true;
    if (busy) return;
    busy = true;
    while (news) {
      news = false;
      while (await sendOne());
    }
    busy = false;
  };

  return { pump: () => void run() };
}
