/** Of the one who was there last: what both shared, and report and block for as long as the server takes them. */

import { useNow } from "../app/clock";
import { past, reachable } from "../app/past";
import { raise } from "../app/safety";
import { useStore } from "../app/store";
import { Button } from "../design";
import { useT } from "../i18n";
import { Contact } from "./KeepInTouch";
import "./PastChat.css";

export function PastChat() {
  const t = useT();
  const now = useNow(5000);
  const last = useStore(past);
  if (last === null) return null;
  const name = last.partnerName || t("chat.somebody");
  const inTime = reachable(last, now) !== null;
  if (!inTime && last.contact === null) return null;
  return (
    <section class="past" aria-label={t("past.label", { name })}>
      {last.contact !== null && (
        <div class="past-kept">
          <p class="past-text">{t("keep.both")}</p>
          <Contact name={last.contact.name} contact={last.contact.contact} />
        </div>
      )}
      {inTime && (
        <>
          <p class="past-text">{t("past.title", { name })}</p>
          <div class="past-actions">
            <Button kind="quiet" size="small" icon="flag" onClick={() => raise("report", last.chatId, name)}>
              {t("chat.report")}
            </Button>
            <Button kind="quiet" size="small" icon="block" onClick={() => raise("block", last.chatId, name)}>
              {t("chat.block")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
