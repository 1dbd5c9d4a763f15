/** The time, for what a screen counts by itself. */

import { useEffect, useState } from "preact/hooks";

/** Now, in milliseconds since the epoch; the component is drawn again every `step` milliseconds. */
export function useNow(step = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step);
    return () => clearInterval(timer);
  }, [step]);
  return now;
}
