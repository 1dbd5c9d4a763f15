/** Somebody is being looked for. */

import { useEffect, useState } from "preact/hooks";
import { useNow } from "../app/clock";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { setWish } from "../app/wish";
import { Button, Notice, Page, Pair } from "../design";
import { estimateKey, isNarrow, type Lonely, lonely, waited, widened } from "../domain/patience";
import type { Talk } from "../domain/talk";
import { type Key, useT } from "../i18n";
import { OnlineCount } from "../parts/OnlineCount";
import { PastChat } from "../parts/PastChat";
import { SoundSwitch } from "../parts/SoundSwitch";
import "./Waiting.css";

const TIPS = 6;
/** A tip stays for so long, in seconds: time to read it twice. */
const TIP_STAYS = 12;

export function Waiting({ talk }: { talk: TalkController }) {
  const t = useT();
  const state = useStore(talk.state);
  const now = useNow();

  return (
    <Page title={t("waiting.title")} width="narrow">
      <div class="waiting">
        <div class="waiting-picture">
          <Pair state="searching" />
        </div>
        <Place talk={state} />
        <p class="waiting-since">{t("waiting.since", { time: clock(state.waitingSince, now) })}</p>
        <OnlineCount online={state.online} />
        <Button kind="secondary" size="large" wide onClick={() => talk.cancel()}>
          {t("waiting.cancel")}
        </Button>
        <Alone talk={talk} how={lonely(state, now)} />
        <Tip />
        <SoundSwitch />
        <PastChat />
      </div>
    </Page>
  );
}

/** Position and estimate; read aloud when they change, unlike the clock beside them. */
function Place({ talk }: { talk: Talk }) {
  const t = useT();
  const position = talk.place?.position ?? 0;
  return (
    <div class="waiting-place" role="status">
      {position > 0 && <p class="waiting-position">{t("waiting.position", { count: position })}</p>}
      <p class="waiting-estimate">{t(estimateKey(talk.place?.estimate ?? null))}</p>
    </div>
  );
}

/** The truth, for somebody who has waited a while and whom nobody else is looking for. */
function Alone({ talk, how }: { talk: TalkController; how: Lonely }) {
  const t = useT();
  const wanted = useStore(talk.state, (now) => now.wish);
  if (how === "no") return null;
  const widen = (): void => {
    const wider = widened(wanted);
    setWish(wider);
    talk.seek(wider);
  };
  const action = isNarrow(wanted) ? (
    <Button kind="secondary" onClick={widen}>
      {t("waiting.widen")}
    </Button>
  ) : (
    <Invite />
  );
  return (
    <Notice kind="info" action={action}>
      {t(how === "only" ? "waiting.only" : "waiting.first")}{" "}
      {t(isNarrow(wanted) ? "waiting.narrow" : "waiting.open")}
    </Notice>
  );
}

/** Hands the address of this page to a friend, by whatever the device has for that. */
function Invite() {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const address = location.origin;
  const share = async (): Promise<void> => {
    try {
      if (navigator.share) await navigator.share({ title: "MeetMates", url: address });
      else await navigator.clipboard.writeText(address).then(() => setCopied(true));
    } catch {
      // thought better of it, or the browser does not allow it
    }
  };
  if (!navigator.share && !navigator.clipboard) return null;
  return (
    <Button kind="secondary" icon={copied ? "check" : "link"} onClick={() => void share()}>
      {t(copied ? "keep.copied" : "waiting.invite")}
    </Button>
  );
}

function Tip() {
  const t = useT();
  const [tip, setTip] = useState(() => Math.floor(Math.random() * TIPS));
  useEffect(() => {
    const timer = setInterval(() => setTip((now) => (now + 1) % TIPS), TIP_STAYS * 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="waiting-tip" key={tip}>
      {t(`waiting.tip.${tip + 1}` as Key)}
    </p>
  );
}

function clock(since: number | null, now: number): string {
  const { minutes, seconds } = waited(since, now);
  return `${minutes}:${String(seconds).padStart(2, "0")}`;
}
