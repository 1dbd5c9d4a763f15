/** What went wrong with a form: beside the field it is about, or above its button. */

import type { JSX } from "preact";
import { Notice } from "../../design";
import { useT } from "../../i18n";
import { complaint, fieldOf } from "./complaints";
import { type Asking, clock } from "./form";

/** The words for one field; undefined while it is not to blame. */
export function useComplaint({
  problem,
}: Asking): (field: "email" | "password" | "code") => string | undefined {
  const t = useT();
  return (field) => (problem !== null && fieldOf(problem) === field ? t(complaint(problem)) : undefined);
}

/** What is wrong with the form as a whole, and how long one has to wait. */
export function Complaint({ asking }: { asking: Asking }): JSX.Element | null {
  const t = useT();
  const { problem, wait } = asking;
  if (problem === null || fieldOf(problem) !== null) return null;
  if (problem.code === "sanctioned") return null; // that has a screen of its own
  if (problem.code !== "too_many") return <Notice kind="bad">{t(complaint(problem))}</Notice>;
  if (wait === 0) return null;
  return (
    <Notice kind="warn">
      {t("trouble.tooMany")} {/* read aloud once, not every second */}
      <span aria-hidden="true">{t("trouble.tooMany.wait", { time: clock(wait) })}</span>
    </Notice>
  );
}
