/** The partner's picture: hidden until one wants to see it, and words wherever there is none. */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../app/store";
import { Avatar, Button, classes, Icon, type IconName, Spinner } from "../design";
import type { Chat } from "../domain/talk";
import { useT } from "../i18n";
import type { CallState } from "../media/call";
import { devices } from "../media/devices";
import { setSpeaker } from "../media/level";

/** After so long without a picture it is said that words go on; in milliseconds. */
const LONG = 15_000;

export interface PartnerProps {
  chat: Chat;
  media: CallState;
  /** Whether the partner may be seen and heard. */
  open: boolean;
  video: RefObject<HTMLVideoElement>;
  onOpen(): void;
  onAgain(): void;
}

export function Partner({ chat, media, open, video, onOpen, onAgain }: PartnerProps) {
  const t = useT();
  const playing = usePlaying(video, media.remote, open);
  const name = chat.partnerName;
  const told = chat.partnerMedia;
  const connected = media.connection === "connected";
  const shows = connected && media.remote !== null && (told === null || told.video || told.screen);
  return (
    <>
      <video
        ref={video}
        class={classes("stage-partner", !open && "stage-hidden", !shows && "stage-absent")}
        playsInline
        autoPlay
        muted={!open}
        disablePictureInPicture={!open}
        aria-label={t("stage.partner", { name })}
        aria-hidden={!open || !shows}
        onContextMenu={(event) => !open && event.preventDefault()}
      />
      <div class="stage-words">
        <Words chat={chat} media={media} shows={shows} onAgain={onAgain} />
        {connected && chat.partnerVideo && !open && <Consent name={name} onOpen={onOpen} />}
        {connected && open && playing.blocked && (
          <Button kind="primary" size="large" icon="sound" onClick={playing.again}>
            {t("stage.play")}
          </Button>
        )}
      </div>
    </>
  );
}

/** What the partner has switched on and off. */
export function PartnerBadges({ chat, connected }: { chat: Chat; connected: boolean }) {
  const t = useT();
  const { partnerMedia: told, partnerName: name } = chat;
  return (
    <p class="stage-badges" role="status">
      {connected && told?.screen && <Badge icon="screen">{t("stage.partner.screen", { name })}</Badge>}
      {connected && chat.partnerVideo && told !== null && !told.audio && (
        <Badge icon="micOff">{t("stage.partner.muted", { name })}</Badge>
      )}
    </p>
  );
}

function Badge({ icon, children }: { icon: IconName; children: ComponentChildren }) {
  return (
    <span class="stage-badge">
      <Icon name={icon} />
      {children}
    </span>
  );
}

/** Nobody is shown what they have not asked for; the sound waits as well. */
function Consent({ name, onOpen }: { name: string; onOpen(): void }) {
  const t = useT();
  return (
    <div class="stage-consent">
      <p>{t("stage.consent", { name })}</p>
      <Button kind="primary" icon="eye" onClick={onOpen}>
        {t("stage.show")}
      </Button>
    </div>
  );
}

/** Why there is no picture. */
function Words({
  chat,
  media,
  shows,
  onAgain,
}: Pick<PartnerProps, "chat" | "media" | "onAgain"> & { shows: boolean }) {
  const t = useT();
  const name = chat.partnerName;
  const waiting = useLong(media.connection === "connected");
  const begun = useBegun(media.connection === "connected");
  if (shows) return <div role="status" />;
  if (media.connection === "connected") {
    return (
      <div class="stage-none" role="status">
        <Avatar name={name} size="large" />
        <p>{t(chat.partnerVideo ? "stage.partner.off" : "stage.partner.words", { name })}</p>
      </div>
    );
  }
  if (media.rung === "text") {
    return (
      <div class="stage-none" role="status">
        <Avatar name={name} size="large" />
        <p>{t("stage.text")}</p>
        <Button kind="secondary" icon="retry" onClick={onAgain}>
          {t("stage.again")}
        </Button>
      </div>
    );
  }
  return (
    <div class="stage-none" role="status">
      <Spinner />
      <p>{t(begun ? "stage.back" : "stage.connecting", { name })}</p>
      {waiting && <p>{t("stage.meanwhile")}</p>}
    </div>
  );
}

function useLong(connected: boolean): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (connected) return;
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, [connected]);
  return long;
}

/** Whether there was a picture before. */
function useBegun(connected: boolean): boolean {
  const [begun, setBegun] = useState(connected);
  useEffect(() => {
    if (connected) setBegun(true);
  }, [connected]);
  return begun;
}

/** Plays what comes. `blocked`: the browser wants a tap before there is sound. */
function usePlaying(video: RefObject<HTMLVideoElement>, remote: MediaStream | null, open: boolean) {
  const [blocked, setBlocked] = useState(false);
  const speaker = useStore(devices, (now) => now.chosen.speaker);
  const again = (): void => {
    const element = video.current;
    if (element === null) return;
    if (element.srcObject === null) return;
    element.play().then(
      () => setBlocked(false),
      (refused: DOMException) => setBlocked(refused.name === "NotAllowedError"),
    );
  };
  useEffect(() => {
    if (video.current && video.current.srcObject !== remote) video.current.srcObject = remote;
    again();
  }, [remote, open]);
  useEffect(() => {
    if (video.current) void setSpeaker(video.current, speaker);
  }, [speaker]);
  useEffect(() => {
    const element = video.current;
    return () => {
      if (element) element.srcObject = null;
    };
  }, []);
  return { blocked, again };
}
