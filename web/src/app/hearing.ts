/** What the server says, and what it means for the talk. */

import type { Event, Start } from "../domain/reduce";
import type { PartnerMedia, Sanction, Talk } from "../domain/talk";
import type { ChatStart } from "../wire/events";
import type { Line } from "../wire/line";
import type { Seeker } from "./seeker";
import type { Typist } from "./typist";

export interface HearingParts {
  line: Line;
  talk(): Talk;
  dispatch(event: Event): void;
  seeker: Seeker;
  typist: Typist;
  /** Another window took the seat. */
  taken(): void;
  /** A chat begins. */
  begins(): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether nobody looks at the page. */
  hidden(): boolean;
}

export function hear(parts: HearingParts): void {
  const { line, talk, dispatch, seeker, typist, taken, begins, now, hidden } = parts;

  line.on("onlineUsers", (online) => dispatch({ type: "counted", online }));
  line.on("waiting", () => {
    seeker.heard();
    if (talk().phase === "idle") seeker.leave("cancelSearch");
    else dispatch({ type: "waiting", at: now() });
  });
  line.on("queueStatus", ({ position, estimate }) =>
    dispatch({ type: "placed", place: { position, estimate } }),
  );
  line.on("chatStart", (told) => {
    seeker.heard();
    if (talk().phase === "idle") return seeker.leave("leaveChat");
    begins();
    typist.forget();
    dispatch({ type: "started", chat: startOf(told), at: now() });
  });
  line.on("partnerLeft", ({ partnerId }) => {
    dispatch({ type: "partnerLeft", partnerId });
    if (talk().phase !== "chatting") typist.forget();
  });
  line.on("partnerReconnecting", () => dispatch({ type: "partnerAway", away: true }));
  line.on("partnerBack", () => dispatch({ type: "partnerAway", away: false }));
  line.on("message", ({ chatId, id, seq, sender: from, text, timestamp }) => {
    const me = line.state();
    const mine = me.is === "online" && me.id === from;
    const at = Date.parse(timestamp);
    dispatch({ type: "heard", chatId, id, seq, mine, text, at, hidden: hidden() });
  });
  line.on("partnerTyping", ({ typing }) => dispatch({ type: "partnerTyping", typing }));
  line.on("partnerMedia", (partner) => dispatch({ type: "partnerMedia", media: pick(partner) }));
  line.on("keptInTouch", ({ name, contact }) => dispatch({ type: "kept", name, contact }));
  line.on("seatTaken", taken);
  line.on("sanctioned", (told) => dispatch({ type: "sanctioned", sanction: told as Sanction }));
  line.on("serverRestarting", () => dispatch({ type: "restarting" }));
}

/** Names are new in each chat; an older server knows none. */
function startOf(told: ChatStart): Start {
  const { chatId: id, partnerId, yourVideo, partnerVideo, commonInterests } = told;
  const { yourName = "", partnerName = "" } = told;
  return { id, partnerId, yourVideo, partnerVideo, commonInterests, yourName, partnerName };
}

function pick({ audio, video, screen }: PartnerMedia): PartnerMedia {
  return { audio, video, screen };
}
