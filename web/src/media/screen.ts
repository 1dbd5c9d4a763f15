/** Sharing one's screen. Phones cannot. */

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** null when the person has thought better of it. Only the picture: the sound of a screen would echo. */
export async function openScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { max: 15 } },
      audio: false,
    });
    const track = stream.getVideoTracks()[0] ?? null;
    if (track) track.contentHint = "detail"; // letters have to stay sharp
    return track;
  } catch {
    return null;
  }
}
