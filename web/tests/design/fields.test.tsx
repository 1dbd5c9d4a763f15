import { expect, test, vi } from "vitest";
import { Checkbox, ChipsInput, CodeField, RadioCards, Select, Switch, TextField } from "../../src/design";
import { withWords } from "../../src/design/Chips";
import { digits } from "../../src/design/CodeField";
import { draw, find, key, press, type } from "./drawn";

test("a field is tied to its label, its hint and its error", () => {
  draw(
    <TextField
      label="E-mail"
      value=""
      onInput={() => {}}
      hint="Your campus's"
      error="Something is missing"
    />,
  );
  const input = find<HTMLInputElement>("input");
  const heard = input.getAttribute("aria-describedby")?.split(" ") ?? [];
  expect(find<HTMLLabelElement>("label").htmlFor).toBe(input.id);
  expect(heard.map((id) => document.getElementById(id)?.textContent)).toEqual([
    "Your campus's",
    "Something is missing",
  ]);
  expect(input.getAttribute("aria-invalid")).toBe("true");
});

test("a field in order says nothing about errors", () => {
  draw(<TextField label="E-mail" value="" onInput={() => {}} />);
  expect(find("input").hasAttribute("aria-invalid")).toBe(false);
  expect(find("input").hasAttribute("aria-describedby")).toBe(false);
});

test("a password is hidden until it is asked for", () => {
  draw(<TextField label="Password" type="password" value="secret" onInput={() => {}} />);
  expect(find<HTMLInputElement>("input").type).toBe("password");
  press(find("button", "Show password"));
  expect(find<HTMLInputElement>("input").type).toBe("text");
  press(find("button", "Hide password"));
  expect(find<HTMLInputElement>("input").type).toBe("password");
});

test("a field for several lines tells what was written", () => {
  const written = vi.fn();
  draw(<TextField label="What happened?" rows={3} value="" onInput={written} />);
  type(find<HTMLInputElement>("textarea"), "He\nleft");
  expect(written).toHaveBeenCalledWith("He\nleft");
});

test("a code is done with its last digit, and only then", () => {
  const [typed, done] = [vi.fn(), vi.fn()];
  draw(<CodeField label="Code" value="12345" onInput={typed} onComplete={done} />);
  type(find<HTMLInputElement>("input"), "12345");
  expect(done).not.toHaveBeenCalled();
  type(find<HTMLInputElement>("input"), " 123-456 7");
  expect(typed).toHaveBeenLastCalledWith("123456");
  expect(done).toHaveBeenCalledWith("123456");
});

test("digits of Devanagari are digits", () => {
  expect(digits("०१२ a ३४५६७८९")).toBe("0123456789");
});

test("what is no digit is gone at once", () => {
  draw(<CodeField label="Code" value="" onInput={() => {}} />);
  const input = find<HTMLInputElement>("input");
  type(input, "a1b");
  expect(input.value).toBe("1");
});

test("switch and checkbox tell what they are turned to", () => {
  const [sound, rules] = [vi.fn(), vi.fn()];
  draw(
    <>
      <Switch label="Sound" checked={false} onChange={sound} />
      <Checkbox label="Rules" checked onChange={rules} />
    </>,
  );
  press(find("[role=switch]"));
  press(find("input:not([role])"));
  expect(sound).toHaveBeenCalledWith(true);
  expect(rules).toHaveBeenCalledWith(false);
});

test("one of a few is chosen by its card", () => {
  const chosen = vi.fn();
  const options = [
    { value: "text", label: "Text" },
    { value: "video", label: "Video", hint: "You see each other" },
  ];
  draw(<RadioCards label="How?" value="text" onChange={chosen} options={options} />);
  expect(find<HTMLInputElement>("input[value=text]").checked).toBe(true);
  press(find("input[value=video]"));
  expect(chosen).toHaveBeenCalledWith("video");
});

test("a list tells which of its lines was chosen", () => {
  const chosen = vi.fn();
  draw(
    <Select
      label="Camera"
      value="a"
      onChange={chosen}
      options={[
        { value: "a", label: "Front" },
        { value: "b", label: "Back" },
      ]}
    />,
  );
  const list = find<HTMLSelectElement>("select");
  list.value = "b";
  list.dispatchEvent(new Event("change", { bubbles: true }));
  expect(chosen).toHaveBeenCalledWith("b");
});

function chips(values: string[], changed = vi.fn()): typeof changed {
  draw(
    <ChipsInput
      label="Interests"
      values={values}
      onChange={changed}
      max={3}
      maxLength={8}
      suggestions={["Chess", "Tea"]}
    />,
  );
  return changed;
}

test("Enter, a comma and leaving the field each end a word", () => {
  const changed = chips([]);
  const input = find<HTMLInputElement>(".chips-input");
  type(input, "Rust");
  key(input, "Enter");
  expect(changed).toHaveBeenLastCalledWith(["Rust"]);
  type(input, "Go,");
  expect(changed).toHaveBeenLastCalledWith(["Go"]);
  type(input, "Tea");
  input.dispatchEvent(new Event("blur"));
  expect(changed).toHaveBeenLastCalledWith(["Tea"]);
});

test("Backspace in an empty field takes the last word back", () => {
  const changed = chips(["Rust", "Go"]);
  key(find(".chips-input"), "Backspace");
  expect(changed).toHaveBeenCalledWith(["Rust"]);
});

test("a word is removed by its own button, which says which", () => {
  const changed = chips(["Rust", "Go"]);
  press(find("button", "Remove Rust"));
  expect(changed).toHaveBeenCalledWith(["Go"]);
});

test("suggestions that are taken are no longer offered, and none is when it is full", () => {
  chips(["chess"]);
  expect(document.querySelectorAll(".chip-offer")).toHaveLength(1);
  chips(["Rust", "Go", "C"]);
  expect(document.querySelectorAll(".chip-offer")).toHaveLength(0);
  expect(find<HTMLInputElement>(".chips-input").readOnly).toBe(true);
});

test("words come once, trimmed, not too long, and not too many", () => {
  expect(withWords(["Tea"], "  tea , a   b,, cricketers ,x,y", 4, 7)).toEqual(["Tea", "a b", "cricket", "x"]);
});

test("a word is cut between letters, not within one", () => {
  expect(withWords([], "🙂🙂🙂", 3, 2)).toEqual(["🙂🙂"]);
});
