/** The open dialog about somebody, if there is one. The shell draws it, above whatever screen is shown. */

import { concern } from "../app/safety";
import { session } from "../app/session";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { BlockDialog } from "./BlockDialog";
import { ReportDialog } from "./ReportDialog";

export function SafetyDialogs({ talk }: { talk: TalkController }) {
  const open = useStore(concern);
  const guest = useStore(session, (now) => now.state === "guest");
  const close = (): void => concern.set(null);
  const block = (chatId: string): Promise<boolean> => talk.block(chatId);

  if (open === null) return null;
  const { chatId, name } = open;
  if (open.kind === "block") return <BlockDialog {...{ chatId, name, guest, block }} onClose={close} />;
  return <ReportDialog {...{ chatId, name, block }} send={(report) => talk.report(report)} onClose={close} />;
}
