/** Camera and microphone are tried here before anybody else sees or hears them. */

import { useEffect, useState } from "preact/hooks";
import { navigate } from "../app/router";
import type { Route } from "../app/routes";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { markDevicesTried, wish } from "../app/wish";
import { Button, Icon, Page, Spinner, Switch } from "../design";
import type { Phase } from "../domain/talk";
import { useT } from "../i18n";
import { want, watchDevices } from "../media/devices";
import { createOwn, type Own } from "../media/own";
import { DevicePickers } from "../parts/VideoStageDevices";
import { OwnPicture } from "../parts/VideoStageSelf";
import "../parts/VideoStage.css";
import "./Devices.css";

export function Devices({ talk }: { talk: TalkController }) {
  const t = useT();
  const own = useOwn();
  const back = (): void => navigate(whereTo(talk.state.get().phase), { replace: true });
  return (
    <Page title={t("devices.title")} lead={t("devices.lead")} width="wide" back={back}>
      {own && <Trial own={own} talk={talk} />}
    </Page>
  );
}

/** Open while the screen is shown. */
function useOwn(): Own | null {
  const [own, setOwn] = useState<Own | null>(null);
  useEffect(() => {
    const opened = createOwn();
    const unwatch = watchDevices();
    want("camera", true);
    void opened.start();
    setOwn(opened);
    return () => {
      unwatch();
      opened.stop();
    };
  }, []);
  return own;
}

function Trial({ own, talk }: { own: Own; talk: TalkController }) {
  const t = useT();
  const mine = useStore(own.state);
  return (
    <div class="devices">
      <div class="devices-preview">
        {mine.camera ? <OwnPicture stream={mine.stream} /> : <Dark opening={mine.opening} />}
      </div>
      <div class="devices-pickers">
        <DevicePickers own={own} />
        <Switch
          label={t("devices.camera.on")}
          checked={mine.camera}
          disabled={mine.opening}
          onChange={(on) => void own.setCamera(on)}
        />
        <Onward own={own} talk={talk} />
      </div>
    </div>
  );
}

function Dark({ opening }: { opening: boolean }) {
  const t = useT();
  return (
    <p class="devices-dark" role="status">
      {opening ? <Spinner /> : <Icon name="cameraOff" />}
      <span>{t(opening ? "devices.asking" : "stage.self.off")}</span>
    </p>
  );
}

/** Back into what is going on. */
function whereTo(phase: Phase): Route {
  if (phase === "idle") return "start";
  return phase === "waiting" ? "waiting" : "chat";
}

function Onward({ own, talk }: { own: Own; talk: TalkController }) {
  const t = useT();
  const mine = useStore(own.state);
  const phase = useStore(talk.state, (now) => now.phase);
  const wanted = useStore(wish);
  const go = (camera: boolean): void => {
    want("camera", camera);
    markDevicesTried();
    if (phase === "idle" && wanted.withVideo) talk.seek(wanted);
    navigate(whereTo(talk.state.get().phase), { replace: true });
  };
  return (
    <div class="devices-onward">
      <Button kind="primary" size="large" icon="next" wide disabled={!mine.camera} onClick={() => go(true)}>
        {t("devices.continue")}
      </Button>
      <Button kind="quiet" wide onClick={() => go(false)}>
        {t("devices.without")}
      </Button>
    </div>
  );
}
