/** The call of a chat, for as long as its stage is shown. */

import { useEffect, useState } from "preact/hooks";
import { createStore, type Store, useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import type { Chat, Talk } from "../domain/talk";
import { type Call, type CallState, createCall } from "../media/call";
import { watchDevices } from "../media/devices";
import { createOwn, type Own, type OwnState } from "../media/own";

/** What a stage needs of the talk. */
export type StageTalk = Pick<TalkController, "state" | "signals" | "iceServers" | "mediaState">;

export interface Running {
  call: Call;
  /** null for those who wanted words alone: no camera and no microphone of theirs is ever opened. */
  own: Own | null;
}

/** null before the first drawing only. */
export function useCall(chat: Chat, talk: StageTalk): Running | null {
  const [running, setRunning] = useState<Running | null>(null);
  useEffect(() => {
    const begun = begin(chat, talk);
    setRunning(begun.running);
    return begun.end;
  }, [chat.id]);
  return running;
}

function begin(chat: Chat, talk: StageTalk): { running: Running; end(): void } {
  const own = chat.yourVideo ? createOwn() : null;
  const call = createCall({
    signals: talk.signals,
    configuration: () => talk.iceServers(),
    mine: null,
    sends: chat.yourVideo,
    mediaState: (media) => talk.mediaState(media),
  });
  const stops = [mendWith(talk.state, call)];
  if (own) {
    stops.push(
      own.state.subscribe(() => call.replace(own.state.get().stream)),
      watchDevices(),
    );
    void own.start();
  }
  return {
    running: { call, own },
    end() {
      for (const stop of stops) stop();
      call.close();
      // Somebody new is looked for: the camera would only flicker. In every other case its light goes out now.
      if (talk.state.get().phase === "waiting") own?.linger(talk.state);
      else own?.stop();
    },
  };
}

/** What was lost while the line, or the partner, was away is asked for again. */
function mendWith(state: Store<Talk>, call: Call): () => void {
  let before = state.get();
  return state.subscribe(() => {
    const now = state.get();
    const lineBack = now.line === "online" && before.line !== "online";
    const partnerBack = before.chat?.partnerAway === true && now.chat?.partnerAway === false;
    before = now;
    if (lineBack || partnerBack) call.reconnected();
  });
}

const NOTHING_OPEN = createStore<OwnState>({
  stream: null,
  camera: false,
  microphone: false,
  opening: false,
});

export function useRunning({ call, own }: Running): { media: CallState; mine: OwnState } {
  return { media: useStore(call.state), mine: useStore(own?.state ?? NOTHING_OPEN) };
}
