/** Both say yes, both learn it; nobody ever learns a no. */

import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Icon } from "../design";
import type { Chat } from "../domain/talk";
import { useT } from "../i18n";
import "./KeepInTouch.css";

export interface KeepInTouchDialogProps {
  chat: Chat;
  /** One's own address; null for guests, who have none. */
  address: string | null;
  keep(yes: boolean): void;
  onClose(): void;
}

/** Says what is shared before anything is. */
export function KeepInTouchDialog({ chat, address, keep, onClose }: KeepInTouchDialogProps) {
  const t = useT();
  const name = chat.partnerName;
  const { asked, contact } = chat.keep;
  const answer = (yes: boolean): void => {
    keep(yes);
    onClose();
  };

  if (contact !== null) {
    return (
      <Dialog open title={t("keep.title", { name })} onClose={onClose}>
        <Contact name={contact.name} contact={contact.contact} />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      title={t("keep.title", { name })}
      onClose={onClose}
      actions={
        asked ? (
          <>
            <Button kind="quiet" onClick={() => answer(false)}>
              {t("keep.undo")}
            </Button>
            <Button kind="primary" onClick={onClose}>
              {t("keep.fine")}
            </Button>
          </>
        ) : (
          <>
            <Button kind="quiet" onClick={onClose}>
              {t("keep.no")}
            </Button>
            <Button kind="primary" onClick={() => answer(true)}>
              {t("keep.yes")}
            </Button>
          </>
        )
      }
    >
      <p>{asked ? t("keep.asked", { name }) : t("keep.how", { name })}</p>
      <p class="keep-what">
        <Icon name="mail" />
        {address === null ? (
          <span>{t("keep.guest", { name })}</span>
        ) : (
          <span>{t("keep.shares", { name, address })}</span>
        )}
      </p>
    </Dialog>
  );
}

/** What came of it, in the chat itself. */
export function KeptInTouch({ chat }: { chat: Chat }) {
  const t = useT();
  const { asked, contact } = chat.keep;
  if (contact !== null) {
    return (
      <section class="kept" role="status">
        <h2 class="kept-title">{t("keep.both")}</h2>
        <Contact name={contact.name} contact={contact.contact} />
      </section>
    );
  }
  return asked ? <p class="kept-asked">{t("keep.asked", { name: chat.partnerName })}</p> : null;
}

export function Contact({ name, contact }: { name: string; contact: string | null }) {
  const t = useT();
  return (
    <div class="kept-contact">
      <p class="kept-name">{name}</p>
      {contact === null ? (
        <p>{t("keep.none", { name })}</p>
      ) : (
        <p class="kept-address">
          <span>{contact}</span>
          <Copy text={contact} />
        </p>
      )}
    </div>
  );
}

/** A copy button that says that it did so; where a page may not copy, the address can still be marked by hand. */
function Copy({ text }: { text: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!navigator.clipboard) return null;
  return (
    <Button
      kind="secondary"
      icon={copied ? "check" : "copy"}
      onClick={() =>
        void navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => undefined,
        )
      }
    >
      {copied ? t("keep.copied") : t("keep.copy")}
    </Button>
  );
}
