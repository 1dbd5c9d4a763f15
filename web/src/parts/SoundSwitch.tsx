import { setSound, sound } from "../app/attention";
import { useStore } from "../app/store";
import { Switch } from "../design";
import { useT } from "../i18n";

/** A soft sound when somebody is found, and for messages while one looks elsewhere. */
export function SoundSwitch() {
  const t = useT();
  return <Switch label={t("sound")} hint={t("sound.hint")} checked={useStore(sound)} onChange={setSound} />;
}
