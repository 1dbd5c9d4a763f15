/** What stands around every screen, and the one screen that the address names. */

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Toasts, VisuallyHidden } from "../design";
import { type Key, useT } from "../i18n";
import { ConnectionBanner } from "../parts/ConnectionBanner";
import { LeaveDialog } from "../parts/LeaveDialog";
import { SafetyDialogs } from "../parts/SafetyDialogs";
import { Opening } from "../screens/Opening";
import { SignIn } from "../screens/SignIn";
import { Start } from "../screens/Start";
import { Waiting } from "../screens/Waiting";
import { Welcome } from "../screens/Welcome";
import { counted } from "./attention";
import { admitted } from "./guards";
import { Header } from "./header";
import { Boundary, lazy } from "./lazy";
import { route, scrolled } from "./router";
import type { Route } from "./routes";
import { useStore } from "./store";
import type { TalkController } from "./talk";
import { useNotices } from "./telling";
import "./shell.css";

type Screen = (props: { talk: TalkController }) => JSX.Element | null;

const Chat = lazy(() => import("../screens/Chat").then((file) => file.Chat));
const Devices = lazy(() => import("../screens/Devices").then((file) => file.Devices));
const Account = lazy(() => import("../screens/Account").then((file) => file.Account));
const Blocked = lazy(() => import("../screens/Blocked").then((file) => file.Blocked));
const Help = lazy(() => import("../screens/Help").then((file) => file.Help));

const SCREENS: Record<Route, Screen> = {
  welcome: () => <Welcome />,
  signin: () => <SignIn />,
  start: Start,
  waiting: Waiting,
  chat: Chat,
  devices: Devices,
  account: () => <Account />,
  blocked: () => <Blocked />,
  help: () => <Help />,
};

export function Shell({ talk }: { talk: TalkController }): JSX.Element {
  const t = useT();
  const here = useStore(route);
  const open = useStore(admitted);
  useNotices(talk);
  useEffect(() => {
    if (here === "start" || here === "waiting") Chat.preload(); // somebody may be found at any moment
  }, [here]);
  const Present = SCREENS[here];
  return (
    <div class={here === "chat" ? "app app-chat" : "app"}>
      <a class="app-skip" href="#main">
        {t("header.skip")}
      </a>
      {here !== "chat" && <Header />}
      <ConnectionBanner talk={talk} />
      <Boundary key={here}>{open ? <Present talk={talk} /> : <Opening />}</Boundary>
      <Boundary>
        <SafetyDialogs talk={talk} />
        <LeaveDialog />
      </Boundary>
      <Toasts />
      <Arrival here={open ? here : null} talk={talk} />
    </div>
  );
}

/** Title, focus and scroll of a screen that has just been reached; and its name for those who do not see it. */
function Arrival({ here, talk }: { here: Route | null; talk: TalkController }): JSX.Element {
  const t = useT();
  const [told, tell] = useState("");
  const [first, setFirst] = useState(true);
  const title = here === null ? "MeetMates" : t(`title.${here}` as Key);

  useEffect(() => {
    document.title = counted(title, talk.state.get().unread);
  }, [title]);
  useLayoutEffect(() => {
    if (here === null) return;
    setFirst(false);
    scrollTo(0, scrolled());
    if (first) return; // the browser reads a page that has just been opened by itself
    tell(title.replace(/ · MeetMates$/, ""));
    return whenDrawn(focusHeading);
  }, [here]);
  return (
    <VisuallyHidden>
      <span role="status">{told}</span>
    </VisuallyHidden>
  );
}

/** A screen may still be loading; it gets a few looks, and then it is left alone. */
function whenDrawn(look: () => boolean): () => void {
  let looks = 0;
  let timer: ReturnType<typeof setTimeout>;
  const again = (): void => {
    looks += 1;
    if (!look() && looks < 20) timer = setTimeout(again, 100);
  };
  timer = setTimeout(again, 0);
  return () => clearTimeout(timer);
}

/** True when the focus is on the screen: on its heading, unless the screen has put it somewhere itself. */
function focusHeading(): boolean {
  const main = document.querySelector("main");
  if (main?.contains(document.activeElement)) return true;
  const heading = main?.querySelector<HTMLElement>("h1");
  if (!heading) return false;
  if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  return true;
}
