/** Says what the talk has to tell in passing. */

import { useEffect } from "preact/hooks";
import { showToast } from "../design";
import { type Key, t } from "../i18n";
import { useStore } from "./store";
import type { TalkController } from "./talk";

export function useNotices(talk: TalkController): void {
  const notice = useStore(talk.state, (now) => now.notice);
  useEffect(() => {
    if (notice === null) return;
    showToast({ text: t(notice.text as Key, notice.values) });
    talk.dismissNotice();
  }, [notice]);
}
