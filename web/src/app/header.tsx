/** The top of every screen but the chat, which needs the room for itself. */

import type { JSX } from "preact";
import { Brand, Menu, type MenuItem } from "../design";
import { LOCALES, type Locale, locale, setLocale, useT } from "../i18n";
import { Link } from "../parts/Link";
import { follow } from "./router";
import type { Route } from "./routes";
import { session, signOut } from "./session";
import { useStore } from "./store";
import { setTheme, THEMES, theme } from "./theme";

export function Header(): JSX.Element {
  const t = useT();
  const who = useStore(session, (now) => now.state);
  return (
    <header class="app-header">
      <Link
        to={who === "in" || who === "guest" ? "start" : "welcome"}
        class="app-home"
        label={t("header.home")}
      >
        <Brand />
      </Link>
      <nav class="app-menus" aria-label={t("header.menu")}>
        <LanguageMenu />
        <MainMenu />
      </nav>
    </header>
  );
}

/** Each language in its own words: whoever landed in a strange one finds theirs. */
function LanguageMenu(): JSX.Element {
  const t = useT();
  const present = useStore(locale);
  const items = (Object.entries(LOCALES) as [Locale, string][]).map(([tag, name]) => ({
    label: name,
    checked: tag === present,
    onSelect: () => setLocale(tag),
  }));
  return <Menu label={t("design.language")} icon="globe" items={items} />;
}

function MainMenu(): JSX.Element {
  const t = useT();
  const who = useStore(session, (now) => now.state);
  const colours = useStore(theme);
  const go =
    (to: Route): (() => void) =>
    () =>
      void follow(to);
  const member: MenuItem[] = [
    { label: t("header.account"), icon: "person", onSelect: go("account") },
    { label: t("header.blocked"), icon: "block", onSelect: go("blocked") },
  ];
  const items: MenuItem[] = [
    ...(who === "in" ? member : []),
    ...(who === "out" || who === "guest"
      ? [{ label: t("header.signIn"), icon: "key" as const, onSelect: go("signin") }]
      : []),
    {
      label: t("header.devices"),
      icon: "camera",
      onSelect: go("devices"),
      disabled: who === "out" || who === "loading",
    },
    { label: t("header.help"), icon: "help", onSelect: go("help") },
    ...THEMES.map((name) => ({
      label: t(`design.theme.${name}`),
      icon: ({ auto: "auto", light: "sun", dark: "moon" } as const)[name],
      checked: name === colours,
      apart: name === THEMES[0],
      onSelect: () => setTheme(name),
    })),
    ...(who === "in" || who === "guest"
      ? [
          {
            label: t(who === "in" ? "header.signOut" : "header.goOut"),
            icon: "signOut" as const,
            apart: true,
            onSelect: leave,
          },
        ]
      : []),
  ];
  return <Menu label={t("header.more")} icon="menu" items={items} />;
}

function leave(): void {
  void signOut();
}
