/** The step of signing in, kept in the address, so that reload and the back button do what people expect. */

import { useEffect, useState } from "preact/hooks";
import { pushStep } from "../../app/router";

export const STEPS = ["signin", "signup", "code", "forgot", "reset", "second"] as const;
export type Step = (typeof STEPS)[number];

const NAME = "step";

/** Never more than the step's name: no address and no code ever stands there. */
export function stepOf(search: string): Step {
  const named = new URLSearchParams(search).get(NAME);
  return STEPS.find((step) => step === named) ?? "signin";
}

export interface Steps {
  step: Step;
  /** `replace`: the back button does not lead to the step that is left. */
  go(next: Step, options?: { replace?: boolean }): void;
}

export function useSteps(): Steps {
  const [step, setStep] = useState(() => stepOf(location.search));
  useEffect(() => {
    const look = (): void => setStep(stepOf(location.search));
    window.addEventListener("popstate", look);
    look(); // a step back through the history may have ended before this listened
    return () => window.removeEventListener("popstate", look);
  }, []);
  const go: Steps["go"] = (next, options = {}) => {
    const query = next === "signin" ? "" : `?${NAME}=${next}`;
    if (options.replace) history.replaceState(history.state, "", location.pathname + query);
    else pushStep(query);
    setStep(next);
  };
  return { step, go };
}
