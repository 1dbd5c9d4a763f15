/** Offers to keep MeetMates as an app. Nothing where the browser would not, or where it is one already. */

import type { JSX } from "preact";
import { install, installable } from "../app/install";
import { useStore } from "../app/store";
import { Button, Card } from "../design";
import { useT } from "../i18n";

export function InstallCard(): JSX.Element | null {
  const t = useT();
  if (!useStore(installable)) return null;
  return (
    <Card
      title={t("design.install")}
      icon="download"
      actions={
        <Button kind="secondary" onClick={() => void install()}>
          {t("design.install.action")}
        </Button>
      }
    >
      <p class="soft">{t("design.install.hint")}</p>
    </Card>
  );
}
