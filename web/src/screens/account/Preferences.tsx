/** Colours, language, sound and devices. */

import type { JSX } from "preact";
import { useStore } from "../../app/store";
import { setTheme, THEMES, theme } from "../../app/theme";
import { buttonClass, Card, Icon, Segmented, Select } from "../../design";
import { LOCALES, type Locale, locale, setLocale, useT } from "../../i18n";
import { Link } from "../../parts/Link";
import { SoundSwitch } from "../../parts/SoundSwitch";

export function Preferences(): JSX.Element {
  const t = useT();
  const colours = useStore(theme);
  const language = useStore(locale);
  return (
    <Card title={t("account.settings")} icon="settings">
      <Segmented
        label={t("design.theme")}
        value={colours}
        onChange={setTheme}
        options={THEMES.map((value) => ({ value, label: t(`design.theme.${value}`) }))}
      />
      <Select
        label={t("design.language")}
        value={language}
        onChange={setLocale}
        options={Object.entries(LOCALES).map(([value, label]) => ({ value: value as Locale, label }))}
      />
      <SoundSwitch />
      <Link to="devices" class={buttonClass("secondary")}>
        <Icon name="camera" />
        <span class="button-text">{t("account.devices.link")}</span>
      </Link>
    </Card>
  );
}
