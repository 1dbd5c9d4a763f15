/** Until it is known who is here: a moment mostly, and longer without a network. */

import type { JSX } from "preact";
import { session } from "../app/session";
import { useStore } from "../app/store";
import { Button, Notice, Spinner, VisuallyHidden } from "../design";
import { useT } from "../i18n";
import { complaint } from "./signin/complaints";
import "./signin/signin.css";

export function Opening(): JSX.Element {
  const t = useT();
  const trouble = useStore(session, ({ trouble }) => trouble);
  return (
    <main class="page page-narrow" id="main">
      <VisuallyHidden>
        <h1>MeetMates</h1>
      </VisuallyHidden>
      <div class="signin-waiting">
        <Spinner />
        {trouble && (
          <Notice
            kind="warn"
            action={
              <Button kind="quiet" size="small" onClick={() => location.reload()}>
                {t("account.retry")}
              </Button>
            }
          >
            {t(complaint(trouble))} {t("signin.waiting")}
          </Notice>
        )}
      </div>
    </main>
  );
}
