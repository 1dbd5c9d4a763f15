/** Two who have just met, in front of their college. Drawn from the two of the mark. */

import type { JSX } from "preact";
import { useT } from "../../i18n";

export function Picture(): JSX.Element {
  const t = useT();
  return (
    <svg class="scene" viewBox="0 0 440 330" aria-hidden="true">
      <circle class="scene-sky" cx="220" cy="166" r="160" />
      <circle class="scene-sun" cx="322" cy="64" r="28" />
      <Campus />
      <ellipse class="scene-shade" cx="146" cy="305" rx="84" ry="9" />
      <ellipse class="scene-shade" cx="300" cy="305" rx="74" ry="8" />
      <g class="scene-first">
        <g transform="translate(34 143) scale(2.7)">
          <path class="mark-first" d="M14 60V34A26 26 0 1 1 40 60Z" />
          <g class="scene-eyes scene-eyes-first">
            <circle cx="44" cy="30" r="3.1" />
            <circle cx="55" cy="30" r="3.1" />
          </g>
          <path class="scene-smile scene-smile-first" d="M45 38.5q5 5 9.5 .5" />
        </g>
      </g>
      <g class="scene-second">
        <g transform="translate(82 159) scale(2.42)">
          <path class="mark-second" d="M114 60V34A26 26 0 1 0 88 60Z" />
          <g class="scene-eyes scene-eyes-second">
            <circle cx="73" cy="31" r="3.2" />
            <circle cx="84.5" cy="31" r="3.2" />
          </g>
          <path class="scene-smile scene-smile-second" d="M73 40q5.5 5.5 11 0" />
        </g>
      </g>
      <path
        class="scene-spark"
        d="M226 196c1.5 14 9 21.5 23 23-14 1.5-21.5 9-23 23-1.5-14-9-21.5-23-23 14-1.5 21.5-9 23-23Z"
      />
      <g class="scene-word scene-word-first">
        <path
          class="scene-bubble"
          d="M47 66h82a22 22 0 0 1 22 22v6a22 22 0 0 1-22 22H92l-6 16-14-16H47a22 22 0 0 1-22-22v-6a22 22 0 0 1 22-22Z"
        />
        <text x="88" y="98">
          {t("welcome.picture.hi")}
        </text>
      </g>
      <g class="scene-word scene-word-second">
        <path
          class="scene-bubble"
          d="M264 108h142a22 22 0 0 1 22 22v5a22 22 0 0 1-22 22h-45l-14 17-6-17h-77a22 22 0 0 1-22-22v-5a22 22 0 0 1 22-22Z"
        />
        <text x="335" y="140">
          {t("welcome.picture.hello")}
        </text>
      </g>
    </svg>
  );
}

function Campus(): JSX.Element {
  return (
    <g>
      <g class="scene-house">
        <path d="M112 304V214h216v90Z" />
        <path d="M98 214 220 158l122 56Z" />
        <path d="M203 172V112h34v60ZM197 112l23-30 23 30Z" />
      </g>
      <g class="scene-window">
        <circle cx="220" cy="128" r="8" />
        <path d="M206 304v-34a14 14 0 0 1 28 0v34Z" />
        <path d="M132 232h14v34h-14ZM164 232h14v34h-14ZM262 232h14v34h-14ZM294 232h14v34h-14Z" />
      </g>
      <g class="scene-tree">
        <path d="M50 304v-50h6v50ZM368 304v-60h6v60Z" />
        <circle cx="53" cy="238" r="25" />
        <circle cx="371" cy="222" r="29" />
      </g>
    </g>
  );
}
