/**
 * Meeting and talking: what the person does goes to the server, what the server says goes into the state.
 *
 * Who sends, searches, listens and carries signals has a file of its own; the rules are in domain/reduce.ts. Half of
 * this one is the list of what a person can do, which is why it is longer than most.
 */

import { type Event, NO_TALK, reduce } from "../domain/reduce";
import type { PartnerMedia, Talk, Wish } from "../domain/talk";
import type { Line, LineParts, LineState } from "../wire/line";
import { hear } from "./hearing";
import { createRenewal } from "./renewal";
import { createSeeker } from "./seeker";
import { createSender } from "./sender";
import { createSignals, type Signals } from "./signals";
import { createStore, type Store } from "./store";
import { createTypist } from "./typist";

export type { Signals } from "./signals";

export interface Report {
  chatId: string;
  reason: "harassment" | "nudity" | "minor" | "spam" | "threat" | "other";
  note: string;
  /** Hands over the chat's last messages. */
  evidence: boolean;
}

export interface TalkController {
  state: Store<Talk>;
  signals: Signals;
  /** Opens the line; takes over where another window has the seat; tries again after a refusal. */
  connect(): void;
  disconnect(): void;
  /** The network may be back. */
  hurry(): void;
  /** The page goes away or is put to sleep: the partner is told at once. */
  sleep(): void;
  /** It is there again. */
  wake(): void;
  seek(wish: Wish): void;
  next(): void;
  cancel(): void;
  leave(): void;
  closeChat(): void;
  say(text: string): void;
  retry(messageKey: string): void;
  typing(on: boolean): void;
  /** False where it could not be done. */
  block(chatId: string): Promise<boolean>;
  report(report: Report): Promise<boolean>;
  keepInTouch(yes: boolean): void;
  mediaState(media: PartnerMedia): void;
  iceServers(): Promise<RTCConfiguration>;
  dismissNotice(): void;
  tell(notice: NonNullable<Talk["notice"]>): void;
  dismissSanction(): void;
  /** The page is looked at. */
  seen(): void;
}

export interface TalkParts {
  line(parts: LineParts): Line;
  credentials: LineParts["credentials"];
  /** For `refreshToken`; null for guests. */
  freshToken(): Promise<string | null>;
  /** The servers for a call; `key` gets what a guest shows, null where there is none. */
  iceServers(key: () => Promise<string | null>): Promise<RTCConfiguration>;
  /** Milliseconds since the epoch. */
  now(): number;
  newId(): string;
  /** Whether nobody looks at the page. */
  hidden(): boolean;
  wait(milliseconds: number): Promise<void>;
}

export function createTalk(parts: TalkParts): TalkController {
  const state = createStore<Talk>(NO_TALK);
  const dispatch = (event: Event): void => state.update((talk) => reduce(talk, event));
  const line = parts.line({
    async credentials() {
      const given = await parts.credentials();
      if (given !== "trouble") renewal.held(given.token);
      return given;
    },
    changed: (now) => lineChanged(now),
  });
  const talk = (): Talk => state.get();
  const shared = { line, talk, dispatch, wait: parts.wait };
  const sender = createSender(shared);
  const seeker = createSeeker(shared);
  const signals = createSignals(shared);
  const renewal = createRenewal({ line, freshToken: parts.freshToken, wait: parts.wait });
  const typist = createTypist({ line, now: parts.now, wait: parts.wait });
  let media: PartnerMedia | null = null;
  let asleep = false;
  /** Somebody was looking for a partner here when another window took the seat. */
  let sought: Wish | null = null;

  const running = (): Talk["chat"] => (talk().phase === "chatting" ? talk().chat : null);

  const lineChanged = (now: LineState): void => {
    if (now.is === "refused") {
      const { code, message, until } = now;
      seeker.forget();
      dispatch({ type: "refused", refusal: { code, message, until } });
    } else if (now.is === "elsewhere") {
      taken();
    } else if (now.is === "online") {
      dispatch({ type: "online", kept: now.kept });
      returned(now.kept);
    } else {
      dispatch({ type: "line", line: now.is });
    }
  };

  /** Goes on with what was begun while there was no line. */
  const returned = (kept: boolean): void => {
    seeker.online(kept);
    sender.pump();
    const chat = running();
    if (chat?.keep.asked && chat.keep.contact === null) void line.ask("keepInTouch", true);
    if (chat !== null && media !== null) void line.ask("mediaState", media);
  };

  const taken = (): void => {
    sought = talk().phase === "waiting" ? talk().wish : null;
    seeker.forget();
    typist.forget();
    dispatch({ type: "seatTaken" });
  };

  hear({
    ...shared,
    seeker,
    typist,
    taken,
    begins: () => {
      media = null;
    },
    now: parts.now,
    hidden: parts.hidden,
  });

  const wants = (what: Promise<{ ok: boolean }>): Promise<boolean> => what.then((answer) => answer.ok);

  return {
    state,
    signals,
    connect() {
      if (talk().line === "elsewhere" && line.state().is === "online")
        dispatch({ type: "line", line: "online" });
      else line.open();
      if (sought !== null) this.seek(sought);
    },
    disconnect() {
      seeker.forget();
      typist.forget();
      asleep = false;
      line.close();
      dispatch({ type: "reset" });
    },
    hurry: () => line.hurry(),
    sleep() {
      asleep = line.state().is !== "off" && line.state().is !== "refused";
      if (asleep) line.close();
    },
    wake() {
      if (asleep) line.open();
      asleep = false;
    },
    seek(wish) {
      sought = null;
      if (talk().line === "elsewhere" && line.state().is === "online")
        dispatch({ type: "line", line: "online" });
      dispatch({ type: "seek", wish, at: parts.now() });
      seeker.search("findChat");
    },
    next() {
      const by = running() === null ? "findChat" : "next";
      typist.forget();
      dispatch({ type: "seek", wish: talk().wish, at: parts.now() });
      seeker.search(by);
    },
    cancel() {
      if (talk().phase !== "waiting") return;
      dispatch({ type: "cancelled" });
      seeker.leave("cancelSearch");
    },
    leave() {
      if (running() === null) return;
      typist.forget();
      dispatch({ type: "left" });
      seeker.leave("leaveChat");
    },
    closeChat: () => dispatch({ type: "closed" }),
    say(text) {
      if (running() === null) return;
      typist.stop();
      dispatch({ type: "said", clientId: parts.newId(), text, at: parts.now() });
      sender.pump();
    },
    retry(messageKey) {
      const clientId = running()?.messages.find((message) => message.key === messageKey)?.clientId;
      if (!clientId) return;
      dispatch({ type: "again", clientId });
      sender.pump();
    },
    typing(on) {
      if (running() !== null) typist.typing(on);
    },
    async block(chatId) {
      const done = await wants(line.ask("block", { chatId }));
      if (done && running()?.id === chatId) dispatch({ type: "left" });
      return done;
    },
    report: ({ chatId, reason, note, evidence }) =>
      wants(line.ask("report", { chatId, reason, evidence, ...(note.trim() === "" ? {} : { note }) })),
    keepInTouch(yes) {
      const chat = running();
      if (chat === null) return;
      dispatch({ type: "keepAsked", yes });
      void line.ask("keepInTouch", yes).then((answer) => {
        if (answer.ok || answer.code === "offline" || running()?.id !== chat.id) return; // said again on the return
        dispatch({ type: "keepAsked", yes: !yes });
        dispatch({ type: "notice", notice: { text: "talk.notNow" } });
      });
    },
    mediaState(now) {
      media = now;
      if (running() !== null) void line.ask("mediaState", now);
    },
    iceServers: () =>
      parts.iceServers(async () => {
        const answer = await line.ask("iceKey");
        return answer.ok ? answer.key : null;
      }),
    dismissNotice: () => dispatch({ type: "notice", notice: null }),
    tell: (notice) => dispatch({ type: "notice", notice }),
    dismissSanction: () => dispatch({ type: "sanctionRead" }),
    seen: () => dispatch({ type: "seen" }),
  };
}
