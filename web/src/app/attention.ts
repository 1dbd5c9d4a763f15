/** Calls somebody back who is looking elsewhere: a number in the title, and a soft sound for those who want one. */

import type { Talk } from "../domain/talk";
import { createStore, type Store } from "./store";

const KEY = "meetmates.sound";
const NUMBER = /^\(\d+\+?\) /;

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/** Off until somebody asks for it. */
export const sound: Store<boolean> = createStore(read());

export function setSound(on: boolean): void {
  sound.set(on);
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // it holds until the page is closed
  }
  if (on) chime(); // so that one hears what one has chosen, and the browser lets it sound later
}

/** The title with the number of unread messages in front. */
export function counted(title: string, unread: number): string {
  const plain = title.replace(NUMBER, "");
  if (unread <= 0) return plain;
  return `(${unread > 99 ? "99+" : unread}) ${plain}`;
}

/** What a change of the talk is worth: a message from the partner, or somebody found. */
export function callsFor(before: Talk, after: Talk): boolean {
  if (after.phase === "chatting" && before.phase !== "chatting") return true;
  const heard = (talk: Talk): number => talk.chat?.messages.filter((message) => !message.mine).length ?? 0;
  return after.chat !== null && after.chat.id === before.chat?.id && heard(after) > heard(before);
}

let audio: AudioContext | null = null;

/** Two soft notes, 0.3 s; made here, so that there is no file to load. */
export function chime(): void {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  void audio.resume().catch(() => undefined);
  const start = audio.currentTime + 0.02;
  for (const [index, pitch] of [660, 880].entries()) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = start + index * 0.12;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.08, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.18);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.2);
  }
}

/** Watches the talk until the function that it returns is called. */
export function startAttention(talk: Store<Talk>, play: () => void = chime): () => void {
  let before = talk.get();
  const look = (): void => {
    const after = talk.get();
    document.title = counted(document.title, after.unread);
    const elsewhere = document.hidden || !document.hasFocus();
    if (sound.get() && elsewhere && callsFor(before, after)) play();
    before = after;
  };
  look();
  const stop = talk.subscribe(look);
  return () => {
    stop();
    document.title = counted(document.title, 0);
  };
}
