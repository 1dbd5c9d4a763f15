import { createRef } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { LONGEST } from "../../src/domain/draft";
import { Composer, type ComposerHandle } from "../../src/parts/Composer";
import { draw, find, key, press, type } from "../design/drawn";

const said: string[] = [];
const typing: boolean[] = [];
const handle = createRef<ComposerHandle>();

function compose(closed: string | null = null): HTMLTextAreaElement {
  said.length = 0;
  typing.length = 0;
  draw(
    <Composer
      handle={handle}
      partnerName="Quiet Otter"
      closed={closed}
      onSay={(text) => said.push(text)}
      onTyping={(on) => typing.push(on)}
    />,
  );
  return document.querySelector("textarea") as HTMLTextAreaElement;
}

function write(field: HTMLTextAreaElement, text: string): void {
  type(field as unknown as HTMLInputElement, text);
}

test("Enter sends what is written, without the white space around it, and empties the field", () => {
  const field = compose();
  write(field, "  hello \n");
  key(field, "Enter");
  expect(said).toEqual(["hello"]);
  expect(field.value).toBe("");
});

test("the button does the same, and the focus stays where one writes", () => {
  const field = compose();
  write(field, "hello");
  press(find("button", "Send"));
  expect(said).toEqual(["hello"]);
  expect(document.activeElement).toBe(field);
});

test("with Shift, Enter begins a new line", () => {
  const field = compose();
  write(field, "hello");
  act(() => {
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }));
  });
  expect(said).toEqual([]);
});

test("an Enter that ends a word of an input method sends nothing", () => {
  const field = compose();
  write(field, "नमस्");
  const ends = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
  Object.defineProperty(ends, "isComposing", { value: true });
  act(() => void field.dispatchEvent(ends));
  expect(said).toEqual([]);
});

test("nothing is sent where nothing is written", () => {
  const field = compose();
  write(field, "   ");
  key(field, "Enter");
  expect(said).toEqual([]);
});

test("near the end one is told how much fits, counted as the server counts", () => {
  const field = compose();
  write(field, "👍".repeat(LONGEST - 3));
  expect(document.querySelector(".composer-left")?.textContent).toBe("Room for 3 more characters");
});

test("what is too long stays, and is said to be so", () => {
  const field = compose();
  write(field, "x".repeat(LONGEST + 1));
  key(field, "Enter");
  expect(said).toEqual([]);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(document.querySelector(".composer-left")?.textContent).toBe("1 character too many");
});

test("the partner learns that one writes, and that one has stopped", () => {
  const field = compose();
  write(field, "h");
  write(field, "");
  expect(typing).toEqual([true, false]);
});

test("a suggestion goes into the field, where it can still be changed", () => {
  const field = compose();
  act(() => handle.current?.suggest("Tea or coffee?"));
  expect(field.value).toBe("Tea or coffee?");
  expect(said).toEqual([]);
});

test("who may not write is told why", () => {
  compose("You cannot write at the moment.");
  expect(document.querySelector("textarea")).toBeNull();
  expect(document.body.textContent).toContain("You cannot write at the moment.");
});

test("another drawing of the chat, as after a lost connection, leaves the draft alone", () => {
  const field = compose();
  write(field, "half a thou");
  draw(
    <Composer partnerName="Quiet Otter" closed={null} onSay={() => undefined} onTyping={() => undefined} />,
  );
  expect(document.querySelector("textarea")?.value).toBe("half a thou");
});
