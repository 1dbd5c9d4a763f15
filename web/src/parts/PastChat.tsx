/** Report or block the one who was there last, for as long as the server takes it. */

import { useNow } from "../app/clock";
import { past, reachable } from "../app/past";
import { raise } from "../app/safety";
import { useStore } from "../app/store";
import { Button } from "../design";
import { useT } from "../i18n";
import "./PastChat.css";

export function PastChat() {
  const t = useT();
  const last = reachable(useStore(past), useNow(5000));
  if (last === null) return null;
  const { chatId } = last;
  const name = last.partnerName || t("chat.somebody");
  return (
    <section class="past" aria-label={t("past.title", { name })}>
      <p class="past-text">{t("past.title", { name })}</p>
      <div class="past-actions">
        <Button kind="quiet" icon="flag" onClick={() => raise("report", chatId, name)}>
          {t("chat.report")}
        </Button>
        <Button kind="quiet" icon="block" onClick={() => raise("block", chatId, name)}>
          {t("chat.block")}
        </Button>
      </div>
    </section>
  );
}
