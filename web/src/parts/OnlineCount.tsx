/** How many people are here, once it is known. */

import { useT } from "../i18n";
import "./OnlineCount.css";

export function OnlineCount({ online }: { online: number | null }) {
  const t = useT();
  if (online === null) return null;
  return (
    <p class="online">
      <span class="online-dot" aria-hidden="true" />
      {online <= 1 ? t("online.alone") : t("online", { count: online })}
    </p>
  );
}
