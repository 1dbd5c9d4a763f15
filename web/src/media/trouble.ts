/** Why a camera or a microphone does not open. */

/**
 * `denied`: the person or the browser said no. `none`: there is no such device. `busy`: something else has it.
 * `insecure`: browsers open devices on https and on localhost only. `unsupported`: this browser opens none at all.
 */
export type DeviceError = "denied" | "none" | "busy" | "insecure" | "unsupported" | "failed";

// The names that browsers of today and of some years ago give (Media Capture and Streams, section 10.2).
const NAMES: Record<string, DeviceError> = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  DevicesNotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  TrackStartError: "busy",
  AbortError: "busy",
};

export function deviceError(thrown: unknown): DeviceError {
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : "";
  return NAMES[name] ?? "failed";
}

/** What stands in the way of every device of this page; null when nothing does. */
export function barrier(): DeviceError | null {
  if (typeof navigator.mediaDevices?.getUserMedia === "function") return null;
  return window.isSecureContext ? "unsupported" : "insecure";
}
