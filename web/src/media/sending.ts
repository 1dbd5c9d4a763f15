/** Tells a sender what its picture may cost. */

import type { Sending } from "../domain/quality";

/** Does nothing before the sender is ready for it; whoever measures comes by again. */
export async function applySending(sender: RTCRtpSender | null, sending: Sending): Promise<void> {
  const parameters = sender?.getParameters();
  const encoding = parameters?.encodings?.[0];
  if (!sender || !parameters || !encoding) return;
  const wanted = Object.entries(sending) as [keyof Sending, never][];
  if (wanted.every(([name, value]) => encoding[name] === value)) return;
  Object.assign(encoding, sending);
  await sender.setParameters(parameters).catch(() => undefined); // an offer may be under way
}
