/** The picture of a chat. */

import type { TalkController } from "../app/talk";
import type { Chat } from "../domain/talk";

export function VideoStage(_props: { chat: Chat; talk: TalkController }) {
  return null;
}
