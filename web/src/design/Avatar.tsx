/** A picture for a name: the same name, the same picture, and nothing of the person in it. */

import type { JSX } from "preact";
import { classes } from "./classes";

export interface AvatarProps {
  name: string;
  size?: "small" | "medium" | "large" | undefined;
  /** Read aloud; without it the picture is passed by, as the name mostly stands beside it. */
  label?: string | undefined;
}

/** What there is to draw. Colours are numbers of the palette `--avatar-1` to `--avatar-6`. */
export interface Drawing {
  ground: number;
  shapes: {
    kind: "circle" | "leaf" | "arch";
    colour: number;
    x: number;
    y: number;
    size: number;
    turn: number;
  }[];
}

const COLOURS = 6;
const KINDS = ["circle", "leaf", "arch"] as const;

/** FNV-1a and a xorshift after it: even for short names, and no more than this needs. */
function dice(name: string): (sides: number) => number {
  let seed = 0x811c9dc5;
  for (const letter of name) seed = Math.imul(seed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (sides) => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % sides;
  };
}

export function drawing(name: string): Drawing {
  const roll = dice(name);
  for (let warm = 0; warm < 4; warm++) roll(2); // names that differ in one letter part here
  const ground = roll(COLOURS);
  const first = (ground + 1 + roll(COLOURS - 1)) % COLOURS;
  const rest = Array.from({ length: COLOURS }, (_, at) => at).filter((at) => at !== ground && at !== first);
  const second = rest[roll(rest.length)] ?? 0;
  const shapes = [first, second].map((colour, at) => ({
    kind: KINDS[roll(KINDS.length)] ?? "circle",
    colour: colour + 1,
    x: (at === 0 ? 6 : 22) + roll(12),
    y: (at === 0 ? 8 : 20) + roll(12),
    size: 24 + roll(10),
    turn: roll(8) * 45,
  }));
  return { ground: ground + 1, shapes };
}

/** In a box of 1 around the middle. */
const OUTLINES: Record<(typeof KINDS)[number], string> = {
  circle: "M-.5 0a.5.5 0 1 1 1 0 .5.5 0 1 1-1 0Z",
  leaf: "M-.5-.5H0A.5.5 0 0 1 .5 0V.5H0A.5.5 0 0 1-.5 0Z",
  arch: "M-.5.5V0a.5.5 0 0 1 1 0V.5Z",
};

export function Avatar({ name, size = "medium", label }: AvatarProps): JSX.Element {
  const { ground, shapes } = drawing(name);
  return (
    <span class={classes("avatar", `avatar-${size}`)} {...(label && { role: "img", "aria-label": label })}>
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <rect class={`avatar-${ground}`} width="48" height="48" />
        {shapes.map((shape, at) => (
          <path
            key={`${at}`}
            class={`avatar-${shape.colour}`}
            d={OUTLINES[shape.kind]}
            transform={`translate(${shape.x} ${shape.y}) rotate(${shape.turn}) scale(${shape.size})`}
          />
        ))}
      </svg>
    </span>
  );
}
