/** Who one talks with, and every way out: each is one or two taps away. */

import { useEffect, useState } from "preact/hooks";
import { setSound, sound } from "../app/attention";
import { raise } from "../app/safety";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { Avatar, Button, Chip, IconButton, Menu } from "../design";
import type { Chat } from "../domain/talk";
import { useT } from "../i18n";
import "./ChatHeader.css";

/** A double tap on `next` must not skip the one who was just found; in milliseconds. */
const DOUBLE_TAP = 600;

export interface ChatHeaderProps {
  chat: Chat;
  talk: TalkController;
  onKeep(): void;
}

export function ChatHeader({ chat, talk, onKeep }: ChatHeaderProps) {
  const t = useT();
  const settled = useSettled(chat.id);
  const loud = useStore(sound);
  const over = chat.end !== null;
  const name = chat.partnerName;
  return (
    <header class="chat-head">
      <Avatar name={name} />
      <div class="chat-who">
        <h1 class="chat-name" tabIndex={-1}>
          {name}
        </h1>
        {chat.yourName !== "" && <p class="chat-you">{t("chat.youAre", { name: chat.yourName })}</p>}
      </div>
      {!over && (
        <>
          <IconButton icon="heart" label={t("keep.open")} pressed={chat.keep.asked} onClick={onKeep} />
          <Button kind="primary" icon="next" disabled={!settled} onClick={() => talk.next()}>
            {t("chat.next")}
          </Button>
        </>
      )}
      <Menu
        label={t("chat.more")}
        items={[
          ...(over
            ? []
            : [{ label: t("chat.leave"), icon: "signOut" as const, onSelect: () => talk.leave() }]),
          {
            label: t("chat.report"),
            icon: "flag" as const,
            danger: true,
            onSelect: () => raise("report", chat.id, name),
          },
          {
            label: t("chat.block"),
            icon: "block" as const,
            danger: true,
            onSelect: () => raise("block", chat.id, name),
          },
          {
            label: t(loud ? "sound.off" : "sound.on"),
            icon: loud ? ("soundOff" as const) : ("sound" as const),
            onSelect: () => setSound(!loud),
          },
        ]}
      />
      {chat.commonInterests.length > 0 && (
        <div class="chat-common">
          <span class="chat-common-label">{t("chat.common")}</span>
          {chat.commonInterests.map((interest) => (
            <Chip key={interest}>{interest}</Chip>
          ))}
        </div>
      )}
    </header>
  );
}

function useSettled(chatId: string): boolean {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(chatId), DOUBLE_TAP);
    return () => clearTimeout(timer);
  }, [chatId]);
  return settled === chatId;
}
