/** How loud a microphone is, and a tone to try a speaker with. */

/** Milliseconds between two readings: quick enough to follow a voice. */
const EVERY = 80;
/** Decibels below full scale that count as silence; speech close to a microphone is at some -20. */
const SILENCE = -60;

/** Tells the level from 0 to 1 until the function that it returns is called. */
export function watchLevel(stream: MediaStream, tell: (level: number) => void): () => void {
  if (typeof AudioContext === "undefined" || stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  void context.resume().catch(() => undefined);
  const wave = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave);
    tell(levelOf(wave));
  }, EVERY);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close().catch(() => undefined);
  };
}

/** As the ear counts: in decibels. */
export function levelOf(wave: Float32Array): number {
  const power = wave.reduce((sum, value) => sum + value * value, 0) / Math.max(1, wave.length);
  if (power === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (10 * Math.log10(power)) / SILENCE));
}

/** Whether a page may say which speaker sounds. */
export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;
}

/** This speaker for an element; the browser's own choice where there is none, or where it is gone. */
export async function setSpeaker(element: HTMLMediaElement, id: string | null): Promise<void> {
  if (!canChooseSpeaker() || element.sinkId === (id ?? "")) return;
  await element.setSinkId(id ?? "").catch(() => undefined);
}

/** Three rising notes on a speaker; about one second. */
export async function playTone(speaker: string | null): Promise<void> {
  const context = new AudioContext();
  const target = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = target.stream;
  await setSpeaker(element, speaker);
  const last = [523, 659, 784]
    .map((pitch, at) => note(context, target, pitch, context.currentTime + 0.1 + at * 0.25))
    .at(-1);
  try {
    await Promise.all([element.play(), context.resume(), ended(last)]);
  } finally {
    element.srcObject = null;
    await context.close().catch(() => undefined);
  }
}

function note(context: AudioContext, target: AudioNode, pitch: number, start: number): OscillatorNode {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.25, start + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.4);
  tone.connect(volume).connect(target);
  tone.start(start);
  tone.stop(start + 0.45);
  return tone;
}

function ended(tone: OscillatorNode | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (tone) tone.onended = () => resolve();
    else resolve();
  });
}
