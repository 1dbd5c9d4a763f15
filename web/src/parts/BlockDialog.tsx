/** Asks once: a block is for ever. */

import { useState } from "preact/hooks";
import { Button, Dialog, Notice } from "../design";
import { useT } from "../i18n";

export interface BlockDialogProps {
  chatId: string;
  name: string;
  /** Whether one is a guest: then a block can only hold while both are connected. */
  guest: boolean;
  block(chatId: string): Promise<boolean>;
  onClose(): void;
}

export function BlockDialog({ chatId, name, guest, block, onClose }: BlockDialogProps) {
  const t = useT();
  const [stage, setStage] = useState<"asking" | "sending" | "failed">("asking");

  const submit = async (): Promise<void> => {
    setStage("sending");
    if (await block(chatId)) onClose();
    else setStage("failed");
  };
  return (
    <Dialog
      open
      title={t("block.title", { name })}
      onClose={onClose}
      actions={
        <>
          <Button kind="quiet" onClick={onClose}>
            {t("block.cancel")}
          </Button>
          <Button kind="danger" busy={stage === "sending"} onClick={() => void submit()}>
            {t("block.yes", { name })}
          </Button>
        </>
      }
    >
      <p>{t("block.what", { name })}</p>
      <p>{t(guest ? "block.guest" : "block.ever")}</p>
      {stage === "failed" && <Notice kind="bad">{t("block.failed")}</Notice>}
    </Dialog>
  );
}
