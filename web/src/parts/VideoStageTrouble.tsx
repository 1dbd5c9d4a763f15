/** Why a camera or a microphone does not open, and how to mend it. */

import type { ComponentChildren } from "preact";
import { useStore } from "../app/store";
import { Notice } from "../design";
import { type Key, useT } from "../i18n";
import { devices } from "../media/devices";

export interface DeviceTroubleProps {
  kind: "camera" | "microphone";
  /** Only what is wrong; how to mend it is told where there is room. */
  small?: boolean;
  action?: ComponentChildren;
}

export function DeviceTrouble({ kind, small = false, action }: DeviceTroubleProps) {
  const t = useT();
  const error = useStore(devices, (now) => now.errors[kind]);
  if (error === null) return null;
  const general = error === "insecure" || error === "unsupported";
  return (
    <Notice kind="bad" action={action}>
      <strong>{t((general ? `devices.${error}` : `devices.${kind}.${error}`) as Key)}</strong>
      {!small && <p>{t(`devices.mend.${error}` as Key)}</p>}
    </Notice>
  );
}
