/** A link to another screen: an ordinary one, so that it can be opened in a new tab, followed without a reload. */

import type { ComponentChildren } from "preact";
import { follow, route } from "../app/router";
import { ROUTES, type Route } from "../app/routes";
import { useStore } from "../app/store";

interface Props {
  to: Route;
  class?: string;
  label?: string;
  onFollow?: () => void;
  children: ComponentChildren;
}

/** True for a plain click: with a key held down the browser opens a tab or a window, which stays its own business. */
function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

export function Link({ to, class: className, label, onFollow, children }: Props) {
  const here = useStore(route);
  const click = (event: MouseEvent): void => {
    if (event.defaultPrevented || !isPlain(event)) return;
    event.preventDefault();
    onFollow?.();
    void follow(to);
  };
  return (
    <a
      href={ROUTES[to]}
      class={className}
      aria-label={label}
      aria-current={here === to ? "page" : undefined}
      onClick={click}
    >
      {children}
    </a>
  );
}
