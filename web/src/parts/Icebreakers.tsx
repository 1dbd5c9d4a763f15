/** Three suggestions when it has become quiet. One goes into the field, where it can still be changed. */

import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../design";
import { icebreakers, patienceFor } from "../domain/icebreakers";
import type { Chat } from "../domain/talk";
import { type Key, useT } from "../i18n";
import "./Icebreakers.css";

export interface IcebreakersProps {
  chat: Chat;
  onPick(text: string): void;
}

export function Icebreakers({ chat, onPick }: IcebreakersProps) {
  const t = useT();
  const [round, setRound] = useState(0);
  const [shown, setShown] = useState(false);
  const [unwanted, setUnwanted] = useState(false);
  const said = chat.messages.length;

  // Every word, and every sign of one to come, begins the silence anew.
  useEffect(() => {
    setShown(false);
    if (unwanted) return;
    const timer = setTimeout(() => setShown(true), patienceFor(said));
    return () => clearTimeout(timer);
  }, [chat.id, said, chat.partnerTyping, round, unwanted]);

  if (!shown || unwanted) return null;
  return (
    <section class="ice" aria-label={t("ice.title")}>
      <header class="ice-head">
        <h2 class="ice-title">{t("ice.title")}</h2>
        <IconButton icon="close" label={t("ice.close")} onClick={() => setUnwanted(true)} />
      </header>
      <ul class="ice-list">
        {icebreakers(chat.id, round, chat.commonInterests).map(({ key, values }) => {
          const text = t(key as Key, values);
          return (
            <li key={key}>
              <button
                type="button"
                class="ice-pick"
                onClick={() => {
                  onPick(text);
                  setRound(round + 1);
                }}
              >
                {text}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
