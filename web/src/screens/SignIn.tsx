/** Signing in and up, step by step. What somebody types stays in memory, and only until they are signed in. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Problem, Result } from "../api/result";
import { navigate } from "../app/router";
import { dismissTrouble, google, session, signIn } from "../app/session";
import { useStore } from "../app/store";
import { Button, Notice, Page, Spinner } from "../design";
import { type Key, useT } from "../i18n";
import { CodeStep } from "./signin/CodeStep";
import { complaint } from "./signin/complaints";
import { EntryStep } from "./signin/EntryStep";
import { ForgotStep, ResetStep } from "./signin/ForgotSteps";
import { KeptOut } from "./signin/KeptOut";
import { SecondStep } from "./signin/SecondStep";
import { type Step, useSteps } from "./signin/steps";
import "./signin/signin.css";

/** What the steps share. */
export interface Papers {
  email: string;
  password: string;
  setEmail(email: string): void;
  setPassword(password: string): void;
  go(step: Step, options?: { replace?: boolean }): void;
  /** Signs in with what is there, and goes on to whatever that needs. */
  enter(password?: string): Promise<Result<unknown>>;
  enterWithGoogle(credential: string): Promise<Result<unknown>>;
  /** Something good that the next step tells. */
  tell(news: "confirmed" | "changed" | null): void;
  news: "confirmed" | "changed" | null;
}

type Pending = { password: string } | { credential: string };

export function SignIn(): JSX.Element {
  const t = useT();
  const { step, go } = useSteps();
  const { state, trouble, config } = useStore(session);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState<Pending | null>(null);
  const [news, tell] = useState<Papers["news"]>(null);
  const [keptOut, setKeptOut] = useState<Problem | null>(null);
  /** The sign-in of before was refused, and that hands out no chance to appeal. */
  const [stale, setStale] = useState(false);

  useEffect(() => {
    if (trouble?.code !== "sanctioned") return;
    setKeptOut(trouble);
    setStale(true);
    dismissTrouble();
  }, [trouble]);

  async function tried(attempt: Pending, totp?: string): Promise<Result<unknown>> {
    const answer =
      "password" in attempt
        ? await signIn(email, attempt.password, totp)
        : await google(attempt.credential, totp);
    if (answer.ok) return answer;
    if (answer.problem.code === "sanctioned") setKeptOut(answer.problem);
    if (answer.problem.code === "second_factor" && totp === undefined) {
      setPending(attempt);
      go("second");
    }
    return answer;
  }

  const papers: Papers = {
    email,
    password,
    setEmail,
    setPassword,
    go,
    enter: (given = password) => tried({ password: given }),
    enterWithGoogle: (credential) => tried({ credential }),
    tell,
    news,
  };

  const startOver = (): void => {
    setKeptOut(null);
    setStale(false);
    setPassword("");
    go("signin", { replace: true });
  };

  if (keptOut !== null) return <KeptOut problem={keptOut} stale={stale} onBack={startOver} />;
  if (state === "loading" || state === "in") return <Waiting trouble={trouble} />;
  const lead = leadOf(step, config?.campus ?? false);
  const first = step === "signin" || step === "signup";
  return (
    <Page
      title={t(`signin.${step}.title`)}
      lead={lead === null ? undefined : t(lead)}
      width="narrow"
      back={() => (first ? navigate("welcome") : go("signin", { replace: true }))}
    >
      <div class="signin">
        {trouble && step === "signin" && (
          <Notice kind={trouble.code === "no_session" ? "info" : "warn"} onClose={dismissTrouble}>
            {t(complaint(trouble))}
          </Notice>
        )}
        {first && <EntryStep papers={papers} signUp={step === "signup"} />}
        {step === "code" && <CodeStep papers={papers} />}
        {step === "forgot" && <ForgotStep papers={papers} />}
        {step === "reset" && <ResetStep papers={papers} />}
        {step === "second" && (
          <SecondStep ready={pending !== null} onBack={startOver} enter={(code) => again(pending, code)} />
        )}
      </div>
    </Page>
  );

  function again(attempt: Pending | null, code: string): Promise<Result<unknown>> {
    return attempt === null ? Promise.reject(new Error("nothing to sign in with")) : tried(attempt, code);
  }
}

/** The sentence under the title; two steps say more than that themselves. */
function leadOf(step: Step, campus: boolean): Key | null {
  if (step === "code" || step === "reset") return null;
  return step === "signup" && campus ? "signin.signup.lead.campus" : `signin.${step}.lead`;
}

/** Until it is known who is here. */
function Waiting({ trouble }: { trouble: Problem | null }): JSX.Element {
  const t = useT();
  return (
    <Page title={t("signin.waiting.title")} width="narrow">
      <div class="signin-waiting">
        <Spinner />
        {trouble && (
          <Notice
            kind="warn"
            action={
              <Button kind="quiet" onClick={() => location.reload()}>
                {t("account.retry")}
              </Button>
            }
          >
            {t(complaint(trouble))}
          </Notice>
        )}
      </div>
    </Page>
  );
}
