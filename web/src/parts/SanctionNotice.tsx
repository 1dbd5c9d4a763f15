/** What is held against somebody, why and how long. */

import { useNow } from "../app/clock";
import { Notice } from "../design";
import type { Sanction } from "../domain/talk";
import { holds } from "../domain/troubles";
import { type Key, locale, useT } from "../i18n";
import { Link } from "./Link";
import { momentOf } from "./moment";

/** How often its end is looked at, in milliseconds. */
const RARELY = 5000;

export interface SanctionNoticeProps {
  sanction: Sanction | null;
  /** A warning can be put aside once it is read; what still holds stays in sight. */
  onRead(): void;
}

export function SanctionNotice({ sanction, onRead }: SanctionNoticeProps) {
  const t = useT();
  const now = useNow(RARELY);
  if (sanction === null || !holds(sanction, now)) return null;
  const until = sanction.until === null ? "" : momentOf(sanction.until, locale.get());
  return (
    <Notice
      kind={sanction.kind === "warning" ? "warn" : "bad"}
      action={<Link to="help">{t("sanction.help")}</Link>}
      onClose={sanction.kind === "warning" ? onRead : undefined}
    >
      <strong>{t(`sanction.${sanction.kind}` as Key)}</strong> {sanction.reason}
      {until !== "" && ` ${t("sanction.until", { until })}`}
    </Notice>
  );
}
