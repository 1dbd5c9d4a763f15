/** One message. It is drawn again only when something in it has changed, so that long chats stay quick. */

import { Component } from "preact";
import { Bubble, Icon, type IconName, VisuallyHidden } from "../design";
import type { Bubble as Place } from "../domain/bubbles";
import { linkify } from "../domain/linkify";
import type { Message } from "../domain/talk";
import { type Key, t } from "../i18n";
import { timeOfDay } from "./moment";

export interface SaidProps extends Place {
  /** The partner's name in this chat. */
  name: string;
  locale: string;
  /** Without it, what has failed stays so: the chat is over. */
  onRetry?: ((key: string) => void) | undefined;
}

const STATES = {
  sending: { icon: "clock", text: "chat.sending" },
  sent: { icon: "check", text: "chat.sent" },
} as const satisfies Record<string, { icon: IconName; text: Key }>;

export class Said extends Component<SaidProps> {
  override shouldComponentUpdate(next: SaidProps): boolean {
    const now = this.props;
    return (
      next.message !== now.message ||
      next.first !== now.first ||
      next.last !== now.last ||
      next.name !== now.name ||
      next.locale !== now.locale ||
      (next.onRetry === undefined) !== (now.onRetry === undefined)
    );
  }

  override render({ message, first, last, quiet, name, locale, onRetry }: SaidProps) {
    const failed = message.delivery === "failed";
    const told = last || message.delivery === "sending";
    return (
      <li
        class={first ? "said said-first" : "said"}
        data-delivery={message.delivery}
        {...(quiet && { "aria-live": "off" as const })}
      >
        <VisuallyHidden>{message.mine ? t("chat.you") : t("chat.they", { name })} </VisuallyHidden>
        <Bubble
          mine={message.mine}
          tail={last}
          failed={failed}
          meta={!failed && told && <Meta message={message} locale={locale} />}
        >
          <Linked text={message.text} />
        </Bubble>
        {failed && (
          <p class="said-failed" role="alert">
            <Icon name="warning" />
            {t("chat.failed")}
            {onRetry && (
              <button type="button" class="said-retry" onClick={() => onRetry(message.key)}>
                {t("chat.retry")}
              </button>
            )}
          </p>
        )}
      </li>
    );
  }
}

function Meta({ message, locale }: { message: Message; locale: string }) {
  const state =
    message.delivery === "sending" || message.delivery === "sent" ? STATES[message.delivery] : null;
  return (
    <>
      <time dateTime={new Date(message.at).toISOString()}>{timeOfDay(message.at, locale)}</time>
      {state && <Icon name={state.icon} />}
      {state && <VisuallyHidden>{t(state.text)}</VisuallyHidden>}
    </>
  );
}

/** Text with its addresses as links. What is no address stays text: nothing of it becomes markup. */
function Linked({ text }: { text: string }) {
  return (
    <>
      {linkify(text).map((part, at) =>
        part.href === null ? (
          part.text
        ) : (
          <a key={at} href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part.text}
          </a>
        ),
      )}
    </>
  );
}
