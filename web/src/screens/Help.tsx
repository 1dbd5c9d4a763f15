/** How it works, the rules, and what happens with what one says. */

import type { JSX } from "preact";
import { navigate } from "../app/router";
import { session } from "../app/session";
import { useStore } from "../app/store";
import { buttonClass, Icon, type IconName, Page } from "../design";
import { type Key, useT } from "../i18n";
import { Link } from "../parts/Link";
import "./help/help.css";

const PARTS: readonly { icon: IconName; title: Key; points: readonly Key[] }[] = [
  {
    icon: "spark",
    title: "help.how",
    points: ["help.how.1", "help.how.2", "help.how.3", "help.how.4", "help.how.5"],
  },
  {
    icon: "heart",
    title: "help.rules",
    points: [
      "help.rules.1",
      "help.rules.2",
      "help.rules.3",
      "help.rules.4",
      "help.rules.5",
      "help.rules.6",
      "help.rules.7",
    ],
  },
  {
    icon: "shield",
    title: "help.safe",
    points: ["help.safe.1", "help.safe.2", "help.safe.3", "help.safe.4", "help.safe.5"],
  },
  {
    icon: "warning",
    title: "help.emergency",
    points: ["help.emergency.1", "help.emergency.2", "help.emergency.3"],
  },
  {
    icon: "key",
    title: "help.stored",
    points: ["help.stored.1", "help.stored.2", "help.stored.3", "help.stored.4", "help.stored.5"],
  },
  {
    icon: "people",
    title: "help.moderators",
    points: ["help.moderators.1", "help.moderators.2", "help.moderators.3"],
  },
];

const KEYS: readonly { keys: readonly string[]; does: Key }[] = [
  { keys: ["Tab", "Shift + Tab"], does: "help.keys.tab" },
  { keys: ["Enter"], does: "help.keys.enter" },
  { keys: ["Shift + Enter"], does: "help.keys.line" },
  { keys: ["↑", "↓"], does: "help.keys.arrows" },
  { keys: ["Esc"], does: "help.keys.escape" },
];

export function Help(): JSX.Element {
  const t = useT();
  const state = useStore(session, ({ state }) => state);
  const inside = state === "in" || state === "guest";
  return (
    <Page title={t("help.title")} lead={t("help.lead")} back={() => navigate(inside ? "start" : "welcome")}>
      {PARTS.map(({ icon, title, points }) => (
        <section class={`help-part help-part-${icon}`} key={title}>
          <h2>
            <span class="help-icon">
              <Icon name={icon} />
            </span>
            {t(title)}
          </h2>
          <ul>
            {points.map((point) => (
              <li key={point}>{t(point)}</li>
            ))}
          </ul>
        </section>
      ))}
      <Keys />
      <Link to={inside ? "start" : "signin"} class={`${buttonClass("primary", "large")} help-go`}>
        {t("help.start")}
      </Link>
    </Page>
  );
}

function Keys(): JSX.Element {
  const t = useT();
  return (
    <section class="help-part">
      <h2>
        <span class="help-icon">
          <Icon name="device" />
        </span>
        {t("help.keys")}
      </h2>
      <dl class="help-keys">
        {KEYS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
      <p class="small soft">{t("help.keys.words")}</p>
    </section>
  );
}
