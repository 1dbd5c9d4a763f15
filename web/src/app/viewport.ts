/** How much of the window can be seen: the keyboard of a phone lies over the rest of it. */

import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** Gives the element the custom property `--visible`, the height in pixels that a keyboard leaves. */
export function useVisibleHeight(element: RefObject<HTMLElement>): void {
  useLayoutEffect(() => {
    const seen = window.visualViewport;
    const box = element.current;
    if (!seen || !box) return;
    const follow = (): void => {
      if (seen.scale > 1.05) return; // zoomed in by hand: that is no keyboard
      box.style.setProperty("--visible", `${Math.round(seen.height)}px`);
      if (seen.offsetTop > 0) scrollTo(0, 0); // Safari moves the whole page up instead
    };
    follow();
    seen.addEventListener("resize", follow);
    seen.addEventListener("scroll", follow);
    return () => {
      seen.removeEventListener("resize", follow);
      seen.removeEventListener("scroll", follow);
      box.style.removeProperty("--visible");
    };
  }, []);
}
