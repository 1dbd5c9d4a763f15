/** Draws the page. */

import "../design";
import { render } from "preact";
import { ready } from "../i18n";
import { start, talk } from "./composition";
import { startInstall } from "./install";
import { Boundary } from "./lazy";
import { Shell } from "./shell";

const place = document.getElementById("app");
if (place !== null) void ready.then(() => begin(place));

function begin(place: HTMLElement): void {
  start();
  place.replaceChildren();
  render(
    <Boundary>
      <Shell talk={talk} />
    </Boundary>,
    place,
  );
  startInstall();
}
