/** One's own picture: small, mirrored, and in whatever corner one likes. */

import { useEffect, useRef, useState } from "preact/hooks";
import { createStore, useStore } from "../app/store";
import { Icon, Spinner } from "../design";
import { useT } from "../i18n";
import type { OwnState } from "../media/own";

const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"] as const;
type Corner = (typeof CORNERS)[number];

/** It stays there in the next chat. */
const corner = createStore<Corner>("bottom-end");

/** A finger that moves less, in pixels, has tapped. */
const TAP = 8;

export function Self({ mine, sharing }: { mine: OwnState; sharing: boolean }) {
  const t = useT();
  const place = useStore(corner);
  const drag = useDrag();
  return (
    <button
      type="button"
      class={`stage-self stage-self-${place}`}
      ref={drag.element}
      aria-label={t("stage.self")}
      title={t("stage.self.move")}
      onClick={drag.click}
      onPointerDown={drag.down}
      onPointerMove={drag.move}
      onPointerUp={drag.up}
      onPointerCancel={drag.cancel}
    >
      {mine.camera && <OwnPicture stream={mine.stream} />}
      {!mine.camera && (
        <span class="stage-self-off">
          {mine.opening ? <Spinner /> : <Icon name="cameraOff" />}
          <span>{t(mine.opening ? "stage.self.opening" : "stage.self.off")}</span>
        </span>
      )}
      {!mine.microphone && !mine.opening && (
        <span class="stage-self-badge">
          <Icon name="micOff" />
        </span>
      )}
      {sharing && (
        <span class="stage-self-badge">
          <Icon name="screen" />
        </span>
      )}
    </button>
  );
}

/** As in a mirror; the partner sees it the right way round. */
export function OwnPicture({ stream }: { stream: MediaStream | null }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  const facing = stream?.getVideoTracks()[0]?.getSettings().facingMode;
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.muted = true; // one's own voice would echo
    element.srcObject = stream;
    void element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={video}
      class={facing === "environment" ? "own-picture" : "own-picture own-picture-mirrored"}
      muted
      playsInline
      autoPlay
      disablePictureInPicture
      aria-label={t("stage.self.picture")}
    />
  );
}

function useDrag() {
  const element = useRef<HTMLButtonElement>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const [dragged, setDragged] = useState(false);

  const settle = (): void => {
    from.current = null;
    if (element.current) element.current.style.translate = "";
  };
  return {
    element,
    click(): void {
      if (!dragged) corner.update((now) => CORNERS[(CORNERS.indexOf(now) + 1) % CORNERS.length] ?? now);
      setDragged(false);
    },
    down(event: PointerEvent): void {
      from.current = { x: event.clientX, y: event.clientY };
      element.current?.setPointerCapture?.(event.pointerId);
    },
    move(event: PointerEvent): void {
      if (!from.current || !element.current) return;
      const [x, y] = [event.clientX - from.current.x, event.clientY - from.current.y];
      if (Math.hypot(x, y) < TAP) return;
      setDragged(true);
      element.current.style.translate = `${x}px ${y}px`;
    },
    up(): void {
      const stage = element.current?.parentElement?.getBoundingClientRect();
      const self = element.current?.getBoundingClientRect();
      if (stage && self && element.current?.style.translate) corner.set(cornerOf(self, stage));
      settle();
    },
    cancel: settle,
  };
}

function cornerOf(self: DOMRect, stage: DOMRect): Corner {
  const low = self.top + self.height / 2 > stage.top + stage.height / 2;
  const right = self.left + self.width / 2 > stage.left + stage.width / 2;
  const atEnd = right === (document.documentElement.dir !== "rtl");
  return `${low ? "bottom" : "top"}-${atEnd ? "end" : "start"}`;
}
