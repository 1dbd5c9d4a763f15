/** Languages that one can wish for: those most spoken on the campuses that this was made for, each in its own name. */

const NAMES = {
  en: "English",
  hi: "हिन्दी",
  as: "অসমীয়া",
  bn: "বাংলা",
  gu: "ગુજરાતી",
  kn: "ಕನ್ನಡ",
  ml: "മലയാളം",
  mr: "मराठी",
  ne: "नेपाली",
  or: "ଓଡ଼ିଆ",
  pa: "ਪੰਜਾਬੀ",
  ta: "தமிழ்",
  te: "తెలుగు",
  ur: "اردو",
  ar: "العربية",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  pt: "Português",
} as const;

export const LANGUAGES = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** The language in its own name; its tag, where this page has none. */
export function languageName(tag: string): string {
  return Object.hasOwn(NAMES, tag) ? NAMES[tag as keyof typeof NAMES] : tag;
}
