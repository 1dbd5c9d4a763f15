/** Which camera, microphone and speaker; the same choice before a call and in the middle of one. */

import { useEffect, useState } from "preact/hooks";
import { useStore } from "../app/store";
import { Button, Dialog, Meter, Select } from "../design";
import { type Key, useT } from "../i18n";
import { choose, type Device, type DeviceKind, devices } from "../media/devices";
import { canChooseSpeaker, playTone, watchLevel } from "../media/level";
import type { Own } from "../media/own";
import { OwnPicture } from "./VideoStageSelf";
import { DeviceTrouble } from "./VideoStageTrouble";

export function DeviceDialog({ own, onClose }: { own: Own; onClose(): void }) {
  const t = useT();
  const mine = useStore(own.state);
  return (
    <Dialog
      open
      title={t("stage.devices")}
      onClose={onClose}
      actions={
        <Button kind="primary" onClick={onClose}>
          {t("devices.done")}
        </Button>
      }
    >
      <div class="devices-pickers">
        {mine.camera && (
          <div class="devices-preview">
            <OwnPicture stream={mine.stream} />
          </div>
        )}
        <DevicePickers own={own} />
      </div>
    </Dialog>
  );
}

export function DevicePickers({ own }: { own: Own }) {
  const t = useT();
  const { cameras, microphones, speakers, errors } = useStore(devices);
  const mine = useStore(own.state);
  return (
    <>
      <Picker kind="camera" found={cameras} pick={(id) => void own.use("camera", id)} />
      <DeviceTrouble kind="camera" action={<Again onClick={() => void own.setCamera(true)} />} />
      <Picker kind="microphone" found={microphones} pick={(id) => void own.use("microphone", id)} />
      {mine.microphone ? <Level stream={mine.stream} /> : null}
      {errors.microphone !== "insecure" && errors.microphone !== "unsupported" && (
        <DeviceTrouble
          kind="microphone"
          small={errors.microphone === errors.camera}
          action={<Again onClick={() => void own.setMicrophone(true)} />}
        />
      )}
      {canChooseSpeaker() && speakers.length > 0 && (
        <Picker kind="speaker" found={speakers} pick={(id) => choose("speaker", id)} />
      )}
      <SpeakerTest label={t("devices.test")} />
    </>
  );
}

function Again({ onClick }: { onClick(): void }) {
  const t = useT();
  return (
    <Button kind="secondary" size="small" icon="retry" onClick={onClick}>
      {t("devices.again")}
    </Button>
  );
}

interface PickerProps {
  kind: DeviceKind;
  found: readonly Device[];
  pick(id: string | null): void;
}

function Picker({ kind, found, pick }: PickerProps) {
  const t = useT();
  const chosen = useStore(devices, (now) => now.chosen[kind]);
  const named = found.filter((device) => device.label !== "" && device.id !== "default");
  if (named.length === 0) return null; // their names are told once one of them was open
  const options = named.map((device) => ({ value: device.id, label: device.label }));
  return (
    <Select
      label={t(`devices.${kind}` as Key)}
      value={named.some((device) => device.id === chosen) ? (chosen ?? "") : ""}
      options={[{ value: "", label: t("devices.default") }, ...options]}
      onChange={(id) => pick(id === "" ? null : id)}
    />
  );
}

function Level({ stream }: { stream: MediaStream | null }) {
  const t = useT();
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (stream === null) return;
    return watchLevel(stream, setLevel);
  }, [stream]);
  return <Meter value={level} label={t("devices.level")} showLabel />;
}

function SpeakerTest({ label }: { label: string }) {
  const [busy, setBusy] = useState(false);
  const play = async (): Promise<void> => {
    setBusy(true);
    await playTone(devices.get().chosen.speaker).catch(() => undefined);
    setBusy(false);
  };
  return (
    <Button kind="secondary" icon="sound" busy={busy} onClick={() => void play()}>
      {label}
    </Button>
  );
}
