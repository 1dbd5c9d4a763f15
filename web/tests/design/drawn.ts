/** Draws a component into an empty page, and uses it as a person would. */

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach } from "vitest";

afterEach(() => draw(null));

export function draw(what: ComponentChild): void {
  act(() => render(what, document.body));
}

/** The one element of a role and a name. */
export function find<T extends HTMLElement = HTMLElement>(selector: string, name?: string): T {
  const all = [...document.querySelectorAll<T>(selector)];
  const found = all.find((one) => name === undefined || named(one) === name);
  if (!found) throw new Error(`no ${selector} ${name ?? ""} among: ${all.map(named).join(", ")}`);
  return found;
}

function named(element: HTMLElement): string {
  return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
}

export function press(element: HTMLElement): void {
  act(() => element.click());
}

export function type(element: HTMLInputElement, text: string): void {
  act(() => {
    element.value = text;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

export function key(element: Element, name: string): void {
  act(() => {
    element.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  });
}
