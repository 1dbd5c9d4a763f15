/** The icons: drawn on a grid of 24, one line of 2, round ends. They follow the colour and the size of the text. */

import type { JSX } from "preact";

const PATHS = {
  warning: "M12 4 3 20h18ZM12 10v4.5M12 17.5v.01",
  auto: "M12 3.5a8.5 8.5 0 1 0 0 17ZM12 3.5a8.5 8.5 0 0 1 0 17",
  back: "M20 12H4M11 5l-7 7 7 7",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 1H4ZM10 21h4",
  bellOff: "M6 17V11c0-1 .2-1.9.6-2.7M9 5.8A6 6 0 0 1 18 11v3M20 18H4l2-1M10 21h4M4 4l16 16",
  block: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6 6l12 12",
  camera: "M3 8a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2ZM15 10.5l6-3.5v10l-6-3.5",
  cameraOff:
    "M9 6h4a2 2 0 0 1 2 2v2.5l6-3.5v10l-3-1.8M15 15.5V16a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8c0-.7.4-1.4 1-1.7M4 3l17 18",
  chat: "M4 18.5V7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H8ZM8.5 8.5h7M8.5 12h4",
  check: "M4.5 12.5 10 18 19.5 7",
  checks: "M2 12.5 7 17.5 15.5 7M11.5 15.5l2 2L22 7",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2ZM15 9V5a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3",
  device: "M5 5h14a1 1 0 0 1 1 1v9H4V6a1 1 0 0 1 1-1ZM2 19h20",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  eyeOff:
    "M9.5 5.9c.8-.3 1.6-.4 2.5-.4 6 0 9.5 6.5 9.5 6.5s-.9 1.7-2.6 3.3M6 7.5C3.7 9.3 2.5 12 2.5 12S6 18.5 12 18.5c1.7 0 3.2-.5 4.5-1.2M4 4l16 16",
  flag: "M5 21V4M5 5c5-2.5 8 2.5 14 0v9c-6 2.5-9-2.5-14 0",
  flip: "M4 9a8 8 0 0 1 14-3l2 2M20 3v5h-5M20 15a8 8 0 0 1-14 3l-2-2M4 21v-5h5",
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM3.5 12h17M12 3.5c-5 5-5 12 0 17 5-5 5-12 0-17Z",
  hand: "M8 13V6.5a1.5 1.5 0 0 1 3 0V11 4.5a1.5 1.5 0 0 1 3 0V11 6.5a1.5 1.5 0 0 1 3 0V14c0 4-2.5 7-6.5 7-3 0-4.5-1.5-6-4l-2-3.5a1.5 1.5 0 0 1 2.5-1.6Z",
  heart: "M12 20S3.5 15 3.5 9A4.7 4.7 0 0 1 12 6.5 4.7 4.7 0 0 1 20.5 9c0 6-8.5 11-8.5 11Z",
  help: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM9.5 9.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 1.8M12 16.7v.01",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.5M12 7.7v.01",
  key: "M8 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM11.3 12.3 20 4M16 8l3 3",
  leave:
    "M2.5 14.5c0-8 19-8 19 0v2a1 1 0 0 1-1.2 1l-3.6-.8a1 1 0 0 1-.8-1v-2.5a13 13 0 0 0-7.8 0v2.5a1 1 0 0 1-.8 1l-3.6.8a1 1 0 0 1-1.2-1Z",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3A4 4 0 0 0 10.7 18.3L12 17",
  mail: "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM3.5 7.5 12 13.5l8.5-6",
  menu: "M4 7h16M4 12h16M4 17h16",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  micOff:
    "M9 9v2a3 3 0 0 0 4.5 2.6M15 11V6a3 3 0 0 0-5.6-1.5M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11c0 .9-.2 1.7-.5 2.5M12 17.5V21M4 3l17 18",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
  more: "M4.9 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M11.4 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M17.9 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0",
  next: "M4 12h16M13 5l7 7-7 7",
  offline:
    "M2.5 9c1.5-1.4 3.3-2.5 5.3-3.1M12 5c3.7 0 7 1.5 9.5 4M5.8 12.7c1-.9 2.1-1.6 3.4-2M15.5 11a9 9 0 0 1 2.7 1.7M9.2 16.2a4.2 4.2 0 0 1 5.6 0M12 19.5v.01M4 3l16 18",
  people:
    "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20c0-7 13-7 13 0M16 5a3.5 3.5 0 0 1 0 6.5M17.5 14.5c2.5.5 4 2.5 4 5.5",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c0-8 15-8 15 0",
  pip: "M11 19H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v4M14 14h6a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1Z",
  plus: "M12 5v14M5 12h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2-5.1L20 9.5M20 4v5.5h-5.5",
  screen:
    "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8 21h8M12 14V8M9 10.5l3-3 3 3",
  screenOff:
    "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8 21h8M9.5 8l5 5M14.5 8l-5 5",
  send: "M4 12 3 4l18 8-18 8ZM4 12h8",
  settings:
    "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM8 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  shield: "M12 3 4.5 6v5c0 5 3 8 7.5 10 4.5-2 7.5-5 7.5-10V6ZM8.5 11.8l2.5 2.5 4.5-5",
  signOut: "M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M17 8l4 4-4 4",
  sound: "M4 9.5h3.5L12 5.5v13l-4.5-4H4ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  soundOff: "M4 9.5h3.5L12 5.5v13l-4.5-4H4ZM16 9.5l5 5M21 9.5l-5 5",
  spark: "M12 3.5c.5 5 3.5 8 8.5 8.5-5 .5-8 3.5-8.5 8.5-.5-5-3.5-8-8.5-8.5 5-.5 8-3.5 8.5-8.5Z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  trash: "M4 7h16M9.5 7V4.5h5V7M6 7l1 13h10l1-13M10.5 11v5.5M13.5 11v5.5",
} as const;

export type IconName = keyof typeof PATHS;
export const ICON_NAMES = Object.keys(PATHS) as IconName[];

/** These point somewhere; where text runs from right to left they are mirrored. */
const DIRECTED: ReadonlySet<string> = new Set<IconName>([
  "back",
  "next",
  "send",
  "signOut",
  "chat",
  "sound",
  "soundOff",
]);

export interface IconProps {
  name: IconName;
}

/** A picture beside words or in a button that has a name: screen readers pass it by. */
export function Icon({ name }: IconProps): JSX.Element {
  return (
    <svg class={DIRECTED.has(name) ? "icon icon-directed" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
