/** What can be switched during a call. The four that matter are buttons; what is seldom used is in a menu. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../app/store";
import { IconButton, Menu, type MenuItem } from "../design";
import { useT } from "../i18n";
import { devices } from "../media/devices";
import { canShareScreen } from "../media/screen";
import { type Running, useRunning } from "./VideoStageCall";

export interface StageControlsProps {
  running: Running;
  /** Whether the partner may be seen and heard. */
  open: boolean;
  stage: RefObject<HTMLElement>;
  video: RefObject<HTMLVideoElement>;
  onHide(): void;
  onChoose(): void;
}

export function StageControls(props: StageControlsProps) {
  const t = useT();
  const { own } = props.running;
  const { mine } = useRunning(props.running);
  const several = useStore(devices, (now) => now.cameras.length > 1);
  const items = useItems(props);
  return (
    <div class="stage-controls" role="toolbar" aria-label={t("stage.controls")}>
      {own && (
        <>
          <IconButton
            icon={mine.microphone ? "mic" : "micOff"}
            label={t("stage.mic")}
            look="solid"
            pressed={!mine.microphone}
            onClick={() => void own.setMicrophone(!mine.microphone)}
          />
          <IconButton
            icon={mine.camera ? "camera" : "cameraOff"}
            label={t("stage.camera")}
            look="solid"
            pressed={!mine.camera}
            onClick={() => void own.setCamera(!mine.camera)}
          />
          {several && mine.camera && (
            <IconButton icon="flip" label={t("stage.flip")} look="solid" onClick={() => void own.flip()} />
          )}
        </>
      )}
      {props.open && <IconButton icon="eyeOff" label={t("stage.hide")} look="solid" onClick={props.onHide} />}
      {items.length > 0 && <Menu label={t("stage.more")} look="solid" items={items} />}
    </div>
  );
}

function useItems({ running, open, stage, video, onChoose }: StageControlsProps): MenuItem[] {
  const t = useT();
  const { media } = useRunning(running);
  const full = useFullScreen();
  const items: MenuItem[] = [];
  if (running.own && canShareScreen()) {
    items.push({
      label: t(media.screen ? "stage.screen.stop" : "stage.screen"),
      icon: media.screen ? "screenOff" : "screen",
      onSelect: () => void running.call.shareScreen(!media.screen),
    });
  }
  if (document.pictureInPictureEnabled && open && media.remote !== null) {
    items.push({ label: t("stage.pip"), icon: "pip", onSelect: () => void togglePicture(video.current) });
  }
  if (document.fullscreenEnabled) {
    items.push({
      label: t(full ? "stage.full.leave" : "stage.full"),
      icon: "expand",
      onSelect: () => void toggleFull(stage.current),
    });
  }
  if (running.own) items.push({ label: t("stage.devices"), icon: "settings", onSelect: onChoose });
  return items;
}

async function togglePicture(video: HTMLVideoElement | null): Promise<void> {
  const done = document.pictureInPictureElement
    ? document.exitPictureInPicture()
    : video?.requestPictureInPicture();
  await done?.catch(() => undefined); // without a picture the browser says no
}

async function toggleFull(stage: HTMLElement | null): Promise<void> {
  const done = document.fullscreenElement ? document.exitFullscreen() : stage?.requestFullscreen();
  await done?.catch(() => undefined);
}

function useFullScreen(): boolean {
  const [full, setFull] = useState(() => document.fullscreenElement !== null);
  useEffect(() => {
    const look = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  return full;
}
