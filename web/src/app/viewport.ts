/** How much of the window can be seen: the keyboard of a phone lies over the rest of it. */

import { useLayoutEffect } from "preact/hooks";

const ZOOMED = 1.05;

/** Gives the page the custom property `--visible`, the height in pixels that a keyboard leaves. */
export function useVisibleHeight(): void {
  useLayoutEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const { style } = document.documentElement;
    const follow = (): void => {
      if (seen.scale > ZOOMED) return; // zoomed in by hand: that is no keyboard
      style.setProperty("--visible", `${Math.round(seen.height)}px`);
      if (seen.offsetTop > 0) scrollTo(0, 0); // Safari moves the whole page up instead
    };
    follow();
    seen.addEventListener("resize", follow);
    seen.addEventListener("scroll", follow);
    return () => {
      seen.removeEventListener("resize", follow);
      seen.removeEventListener("scroll", follow);
      style.removeProperty("--visible");
    };
  }, []);
}
