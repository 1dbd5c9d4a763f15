/** Google's own button. Its script is loaded only where the server is set up for it, and only on this screen. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Result } from "../../api/result";
import { useStore } from "../../app/store";
import { Notice } from "../../design";
import { locale, useT } from "../../i18n";
import { Complaint } from "./Complaint";
import { useAsking } from "./form";

const SCRIPT = "https://accounts.google.com/gsi/client";
const WIDEST = 400; // pixels; Google draws no wider one

interface Google {
  accounts: {
    id: {
      initialize(options: { client_id: string; callback: (answer: { credential: string }) => void }): void;
      renderButton(place: HTMLElement, looks: Record<string, string | number>): void;
    };
  };
}

let loading: Promise<Google | null> | null = null;

/** Null where it cannot be loaded: people have reasons to block it, and there are other ways in. */
function loadGoogle(): Promise<Google | null> {
  loading ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.async = true;
    script.onload = () => resolve((window as { google?: Google }).google ?? null);
    script.onerror = () => {
      script.remove();
      loading = null; // the next visit to this screen tries again
      resolve(null);
    };
    document.head.append(script);
  });
  return loading;
}

interface Props {
  clientId: string;
  enter(credential: string): Promise<Result<unknown>>;
}

export function GoogleButton({ clientId, enter }: Props): JSX.Element {
  const t = useT();
  const language = useStore(locale);
  const asking = useAsking();
  const place = useRef<HTMLDivElement>(null);
  const [missing, setMissing] = useState(false);
  const taken = useRef<(credential: string) => void>(() => undefined);
  taken.current = (credential) => void asking.ask(() => enter(credential));
  useEffect(() => {
    let here = true;
    void loadGoogle().then((google) => {
      if (!here) return;
      if (google === null || place.current === null) return setMissing(google === null);
      google.accounts.id.initialize({
        client_id: clientId,
        callback: ({ credential }) => taken.current(credential),
      });
      place.current.replaceChildren();
      google.accounts.id.renderButton(place.current, {
        theme: "outline",
        size: "large",
        shape: "pill",
        locale: language,
        width: Math.min(WIDEST, place.current.parentElement?.clientWidth ?? WIDEST),
      });
    });
    return () => {
      here = false;
    };
  }, [clientId, language]);
  return (
    <>
      <div class="signin-google" ref={place} />
      {missing && <Notice kind="info">{t("signin.google.missing")}</Notice>}
      <Complaint asking={asking} />
    </>
  );
}
