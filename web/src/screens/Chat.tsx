/** The chat: words, and above or beside them the picture, if anybody wanted one. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useNow } from "../app/clock";
import { session } from "../app/session";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { useVisibleHeight } from "../app/viewport";
import { TypingDots } from "../design";
import type { Chat as ChatState, Sanction } from "../domain/talk";
import { holds } from "../domain/troubles";
import { useT } from "../i18n";
import { ChatHeader } from "../parts/ChatHeader";
import { ChatOver } from "../parts/ChatOver";
import { Composer, type ComposerHandle } from "../parts/Composer";
import { Icebreakers } from "../parts/Icebreakers";
import { KeepInTouchDialog, KeptInTouch } from "../parts/KeepInTouch";
import { MessageList } from "../parts/MessageList";
import { SanctionNotice } from "../parts/SanctionNotice";
import { VideoStage } from "../parts/VideoStage";
import "./Chat.css";

export function Chat({ talk }: { talk: TalkController }) {
  const chat = useStore(talk.state, (now) => now.chat);
  const t = useT();
  if (chat === null) return null;
  const partnerName = chat.partnerName || t("chat.somebody"); // an older server gives no names
  return <Room key={chat.id} chat={{ ...chat, partnerName }} talk={talk} />;
}

function Room({ chat, talk }: { chat: ChatState; talk: TalkController }) {
  const t = useT();
  const sanction = useStore(talk.state, (now) => now.sanction);
  const address = useStore(session, (now) => now.user?.email ?? null);
  const muted = useMuted(sanction);
  const [keeping, setKeeping] = useState(false);
  const composer = useRef<ComposerHandle>(null);
  useVisibleHeight();
  useEffect(() => {
    // On a phone this would open the keyboard over the greeting.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) composer.current?.focus();
  }, []);

  const over = chat.end !== null;
  const video = !over && (chat.yourVideo || chat.partnerVideo);
  return (
    <main
      id="main"
      class={video ? "chat chat-video" : "chat"}
      aria-label={t("chat.title", { name: chat.partnerName })}
    >
      <ChatHeader chat={chat} talk={talk} onKeep={() => setKeeping(true)} />
      {video && (
        <div class="chat-stage">
          <VideoStage chat={chat} talk={talk} />
        </div>
      )}
      <section class="chat-words" aria-label={t("chat.words")}>
        <MessageList
          chat={chat}
          onRetry={over ? undefined : (key) => talk.retry(key)}
          before={<Greeting chat={chat} />}
          after={<After chat={chat} />}
        />
        <SanctionNotice sanction={warned(sanction)} onRead={() => talk.dismissSanction()} />
        {!over && <Icebreakers chat={chat} onPick={(text) => composer.current?.suggest(text)} />}
        {over ? (
          <ChatOver chat={chat} talk={talk} />
        ) : (
          <Composer
            handle={composer}
            partnerName={chat.partnerName}
            closed={muted ? t("chat.muted") : null}
            onSay={(text) => talk.say(text)}
            onTyping={(on) => talk.typing(on)}
          />
        )}
      </section>
      {keeping && (
        <KeepInTouchDialog
          chat={chat}
          address={address}
          keep={(yes) => talk.keepInTouch(yes)}
          onClose={() => setKeeping(false)}
        />
      )}
    </main>
  );
}

function Greeting({ chat }: { chat: ChatState }) {
  const t = useT();
  const { partnerName: name, yourName: you } = chat;
  return <p class="chat-greeting">{you === "" ? t("chat.hello") : t("chat.greeting", { name, you })}</p>;
}

/** What goes on on the other side, under what was said last. */
function After({ chat }: { chat: ChatState }) {
  const t = useT();
  const name = chat.partnerName;
  const over = chat.end !== null;
  return (
    <>
      <KeptInTouch chat={chat} />
      {/* A live region has to be there before its words are. */}
      <p class={chat.partnerAway && !over ? "chat-away" : "visually-hidden"} role="status">
        {chat.partnerAway && !over ? t("chat.away", { name }) : ""}
      </p>
      {chat.partnerTyping && !chat.partnerAway && !over && <TypingDots label={t("chat.typing", { name })} />}
    </>
  );
}

/** Whether one may not write now; it is over by itself when its time has come. */
function useMuted(sanction: Sanction | null): boolean {
  const now = useNow(5000);
  return sanction?.kind === "mute" && holds(sanction, now);
}

/** Warnings and mutes; worse ones end the connection, and the banner tells them. */
function warned(sanction: Sanction | null): Sanction | null {
  return sanction?.kind === "warning" || sanction?.kind === "mute" ? sanction : null;
}
