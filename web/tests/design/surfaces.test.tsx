import { expect, test, vi } from "vitest";
import { Button, Dialog, Menu, Notice, showToast, TextField, Toasts } from "../../src/design";
import { step } from "../../src/design/Menu";
import { toasts } from "../../src/design/Toasts";
import { draw, find, key, press } from "./drawn";

test("a busy button keeps its place and does nothing", () => {
  const clicked = vi.fn();
  draw(
    <Button busy onClick={clicked}>
      Send
    </Button>,
  );
  press(find("button"));
  expect(clicked).not.toHaveBeenCalled();
  expect(find<HTMLButtonElement>("button").disabled).toBe(false);
});

test("a busy button does not send its form a second time", () => {
  const sent = vi.fn((event: Event) => event.preventDefault());
  draw(
    <form onSubmit={sent}>
      <Button busy type="submit">
        Send
      </Button>
    </form>,
  );
  press(find("button"));
  expect(sent).not.toHaveBeenCalled();
});

test("a dialog opens in front of all, with its name first", () => {
  draw(
    <Dialog open title="Block?" onClose={() => {}}>
      For ever.
    </Dialog>,
  );
  expect(find<HTMLDialogElement>("dialog").open).toBe(true);
  expect(document.activeElement?.textContent).toBe("Block?");
});

test("a dialog that is about one field begins there", () => {
  draw(
    <Dialog open title="Note" onClose={() => {}}>
      <TextField label="Note" value="" onInput={() => {}} autoFocus />
    </Dialog>,
  );
  expect(document.activeElement).toBe(find("input"));
});

test("Escape asks to close, and whether it closes is the owner's to say", () => {
  const closed = vi.fn();
  draw(
    <Dialog open title="Block?" onClose={closed}>
      For ever.
    </Dialog>,
  );
  find("dialog").dispatchEvent(new Event("cancel", { cancelable: true }));
  expect(closed).toHaveBeenCalledOnce();
  expect(find<HTMLDialogElement>("dialog").open).toBe(true);
});

test("a tap beside a dialog closes it, one within does not", () => {
  const closed = vi.fn();
  draw(
    <Dialog open title="Block?" onClose={closed}>
      <p>For ever.</p>
    </Dialog>,
  );
  find("dialog p").dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  expect(closed).not.toHaveBeenCalled();
  find("dialog").dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  expect(closed).toHaveBeenCalledOnce();
});

function menu(): { report: ReturnType<typeof vi.fn> } {
  const report = vi.fn();
  draw(
    <Menu
      label="More"
      items={[
        { label: "Report", onSelect: report },
        { label: "Front camera", checked: true, onSelect: () => {} },
        { label: "Away", disabled: true, onSelect: () => {} },
        { label: "Block", danger: true, onSelect: () => {} },
      ]}
    />,
  );
  press(find("button", "More"));
  return { report };
}

test("a menu opens on its first line, and arrows pass over what cannot be chosen", () => {
  menu();
  expect(document.activeElement?.textContent).toBe("Report");
  key(document.activeElement as Element, "ArrowDown");
  key(document.activeElement as Element, "ArrowDown");
  expect(document.activeElement?.textContent).toBe("Block");
});

test("Escape closes a menu and gives the focus back", () => {
  menu();
  key(document.activeElement as Element, "Escape");
  expect(document.querySelector("[role=menu]")).toBeNull();
  expect(document.activeElement).toBe(find("button", "More"));
});

test("a chosen line closes the menu and is told", () => {
  const { report } = menu();
  press(find("[role=menuitem]", "Report"));
  expect(report).toHaveBeenCalledOnce();
  expect(find("button").getAttribute("aria-expanded")).toBe("false");
});

test("a tap elsewhere closes a menu", async () => {
  menu();
  document.body.dispatchEvent(new Event("pointerdown"));
  await vi.waitFor(() => expect(document.querySelector("[role=menu]")).toBeNull());
});

test.each([
  ["ArrowDown", 3, 0],
  ["ArrowUp", 0, 3],
  ["Home", 2, 0],
  ["End", 0, 3],
  ["a", 1, null],
])("%s on line %i of four leads to %s", (name, at, to) => {
  expect(step(name, at, 4)).toBe(to);
});

test("only what went wrong interrupts", () => {
  draw(<Notice kind="bad">No</Notice>);
  expect(find(".notice").getAttribute("role")).toBe("alert");
  draw(<Notice kind="warn">Well</Notice>);
  expect(find(".notice").getAttribute("role")).toBe("status");
});

test("the same news is shown once, and at most three are", () => {
  draw(<Toasts />);
  for (const text of ["a", "b", "b", "c", "d"]) showToast({ text, seconds: null });
  expect(toasts.get().map(({ text }) => text)).toEqual(["b", "c", "d"]);
  toasts.set([]);
});

test("news goes by itself, or is taken back", () => {
  vi.useFakeTimers();
  draw(<Toasts />);
  const back = showToast({ text: "stays", seconds: null });
  showToast({ text: "goes" });
  draw(<Toasts />);
  vi.advanceTimersByTime(60_000);
  expect(toasts.get().map(({ text }) => text)).toEqual(["stays"]);
  back();
  expect(toasts.get()).toEqual([]);
  vi.useRealTimers();
});
