/** "Leave this chat?", for the back button and for links. */

import { question } from "../app/leaving";
import { useStore } from "../app/store";
import { Button, Dialog } from "../design";
import { useT } from "../i18n";

export function LeaveDialog() {
  const t = useT();
  const answer = useStore(question);
  if (answer === null) return null;
  return (
    <Dialog
      open
      title={t("leave.title")}
      onClose={() => answer(false)}
      actions={
        <>
          <Button kind="secondary" onClick={() => answer(false)}>
            {t("leave.stay")}
          </Button>
          <Button kind="danger" onClick={() => answer(true)}>
            {t("leave.go")}
          </Button>
        </>
      }
    >
      <p>{t("leave.text")}</p>
    </Dialog>
  );
}
