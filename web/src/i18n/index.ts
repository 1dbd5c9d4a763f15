/**
 * What the page says, in the language that the person reads.
 *
 * `t("chat.left", { name })` fills `{name}`. A text that depends on a number has two entries, `key.one` and
 * `key.other`; it is asked for as `t("key", { count })`, and numbers are written as the language writes them.
 */

import { createStore, type Store, useStore } from "../app/store";
import { en } from "./en";

export const LOCALES = { en: "English", hi: "हिन्दी" } as const;
export type Locale = keyof typeof LOCALES;

type Entry = keyof typeof en;
type Counted<K> = K extends `${infer Base}.other` ? Base : never;
export type Key = Entry | Counted<Entry>;
export type Values = Record<string, string | number>;

/** English is always there; another language is fetched when somebody reads it. */
const texts: Partial<Record<Locale, Record<string, string>>> = { en };
const RIGHT_TO_LEFT: readonly string[] = ["ar", "he", "fa", "ur"];
const KEPT = "meetmates.locale";

async function fetched(language: Locale): Promise<void> {
  if (language === "hi") texts.hi ??= (await import("./hi")).hi;
}

export const locale: Store<Locale> = createStore<Locale>("en");

/** The first of these languages that the page speaks; English where it speaks none. */
export function wanted(languages: readonly string[]): Locale {
  for (const language of languages) {
    const base = language.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(LOCALES, base)) return base as Locale;
  }
  return "en";
}

function chosen(): Locale | null {
  try {
    const kept = localStorage.getItem(KEPT) ?? "";
    return Object.hasOwn(LOCALES, kept) ? (kept as Locale) : null;
  } catch {
    return null; // the person allows no storage
  }
}

let asked: Locale = locale.get();

/** Changes the language once its words are there, and remembers it. Without a network the page stays as it is. */
export async function setLocale(next: Locale): Promise<void> {
  if (!(await speak(next))) return;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // it holds until the page is closed
  }
}

async function speak(next: Locale): Promise<boolean> {
  asked = next;
  try {
    await fetched(next);
  } catch {
    return false; // what is there is better than nothing
  }
  if (asked !== next) return false; // another was chosen meanwhile
  locale.set(next);
  return true;
}

function tellDocument(): void {
  const language = locale.get();
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
}

tellDocument();
locale.subscribe(tellDocument);

/** The words of the first language are there, or cannot be had. Nothing is drawn before. */
export const ready: Promise<unknown> = speak(chosen() ?? wanted(navigator.languages));

/** The text of a key. A key that is missing is shown as it is, so that it is noticed. */
export function t(key: Key, values: Values = {}): string {
  const language = locale.get();
  const words = texts[language] ?? {};
  const text = words[key] ?? words[`${key}.${form(language, values)}`] ?? key;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    if (value === undefined) return hole;
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}

function form(language: Locale, values: Values): Intl.LDMLPluralRule {
  const count = values.count;
  return typeof count === "number" ? new Intl.PluralRules(language).select(count) : "other";
}

/** `t` for a component that is to be drawn again in another language. */
export function useT(): typeof t {
  useStore(locale);
  return t;
}

/** The language as it is written where the person lives; English is British where nobody says otherwise. */
export function regional(language: string): string {
  const own = navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${language}-`));
  return own ?? (language === "en" ? "en-GB" : language);
}
