/** The picture of a chat: the partner, oneself, and what can be done about both. */

import { useEffect, useRef, useState } from "preact/hooks";
import { createStore, useStore } from "../app/store";
import { Button, Notice } from "../design";
import type { Chat } from "../domain/talk";
import { type Key, useT } from "../i18n";
import type { CallState } from "../media/call";
import { devices } from "../media/devices";
import { type Running, type StageTalk, useCall, useRunning } from "./VideoStageCall";
import { StageControls } from "./VideoStageControls";
import { DeviceDialog } from "./VideoStageDevices";
import { Partner, PartnerBadges } from "./VideoStagePartner";
import { Self } from "./VideoStageSelf";
import { DeviceTrouble } from "./VideoStageTrouble";
import "./VideoStage.css";

/** The chat whose partner may be seen and heard. Each partner is agreed to anew. */
const agreed = createStore("");

export function VideoStage({ chat, talk }: { chat: Chat; talk: StageTalk }) {
  const running = useCall(chat, talk);
  if (running === null) return null;
  return <Stage chat={chat} running={running} />;
}

function Stage({ chat, running }: { chat: Chat; running: Running }) {
  const t = useT();
  const { media, mine } = useRunning(running);
  const open = useStore(agreed) === chat.id;
  const stage = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [choosing, setChoosing] = useState(false);
  useEffect(() => {
    if (!open) void leavePicture(video.current); // outside of the page nothing would be hidden
  }, [open]);

  return (
    <section class="stage" ref={stage} aria-label={t("stage.title", { name: chat.partnerName })}>
      <div class="stage-top">
        <div class="stage-told">
          <PartnerBadges chat={chat} connected={media.connection === "connected"} />
          <Quality media={media} />
        </div>
        <Trouble name={chat.partnerName} running={running} onChoose={() => setChoosing(true)} />
      </div>
      <Partner
        chat={chat}
        media={media}
        open={open}
        video={video}
        onOpen={() => agreed.set(chat.id)}
        onAgain={() => running.call.reconnected()}
      />
      {running.own && <Self mine={mine} sharing={media.screen} />}
      <StageControls
        running={running}
        open={open}
        stage={stage}
        video={video}
        onHide={() => agreed.set("")}
        onChoose={() => setChoosing(true)}
      />
      {choosing && running.own && <DeviceDialog own={running.own} onClose={() => setChoosing(false)} />}
    </section>
  );
}

async function leavePicture(video: HTMLVideoElement | null): Promise<void> {
  if (video !== null && document.pictureInPictureElement === video) {
    await document.exitPictureInPicture().catch(() => undefined);
  }
}

/** What goes wrong on one's own side, and what is done about it. */
function Trouble({ name, running, onChoose }: { name: string; running: Running; onChoose(): void }) {
  const t = useT();
  const { media, mine } = useRunning(running);
  const { errors, wanted } = useStore(devices);
  const { own, call } = running;
  if (media.screen) {
    return (
      <Notice
        kind="info"
        action={
          <Button size="small" kind="secondary" onClick={() => void call.shareScreen(false)}>
            {t("stage.screen.stop")}
          </Button>
        }
      >
        {t("stage.screen.on", { name })}
      </Notice>
    );
  }
  if (own === null || mine.opening) return null;
  const kind =
    errors.camera !== null && wanted.camera && !mine.camera
      ? "camera"
      : errors.microphone !== null && !mine.microphone
        ? "microphone"
        : null;
  if (kind !== null) {
    return (
      <DeviceTrouble
        kind={kind}
        small
        action={
          <Button size="small" kind="secondary" onClick={onChoose}>
            {t("stage.settings")}
          </Button>
        }
      />
    );
  }
  const soundAlone = media.rung === "audio" && media.connection === "connected";
  if (soundAlone && mine.camera) return <Notice kind="warn">{t("stage.slow")}</Notice>;
  return null;
}

function Quality({ media }: { media: CallState }) {
  const t = useT();
  if (media.connection !== "connected" || media.quality === "unknown") return null;
  return (
    <p class={`stage-quality stage-quality-${media.quality}`}>
      <span class="stage-bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {t(`stage.quality.${media.quality}` as Key)}
    </p>
  );
}
