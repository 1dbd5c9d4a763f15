import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export interface MenuItem {
  label: string;
  icon?: IconName | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** For one of several: whether it is the chosen one. */
  checked?: boolean | undefined;
  /** A line above it: something else begins here. */
  apart?: boolean | undefined;
  onSelect: () => void;
}

export interface MenuProps {
  /** The name of the button that opens it. */
  label: string;
  icon?: IconName | undefined;
  /** Its label is seen beside the icon. */
  showLabel?: boolean | undefined;
  look?: "quiet" | "solid" | undefined;
  items: readonly MenuItem[];
}

/** Seldom used actions behind one button. Arrows, Home, End and Escape work as people expect of a menu. */
export function Menu({
  label,
  icon = "more",
  showLabel = false,
  look = "quiet",
  items,
}: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open || !list.current || !button.current) return;
    list.current.showPopover?.(); // in front of everything, and cut off by nothing
    place(list.current, button.current);
    choices(list.current)[0]?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!list.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    const away = (): void => setOpen(false);
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", away);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", away);
    };
  }, [open]);

  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault(); // not also the dialog around it
      close();
      return;
    }
    const all = list.current ? choices(list.current) : [];
    const next = step(event.key, all.indexOf(document.activeElement as HTMLElement), all.length);
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={classes(
          showLabel
            ? "button button-quiet button-medium"
            : `icon-button icon-button-medium icon-button-${look}`,
        )}
        aria-label={showLabel ? undefined : label}
        title={showLabel ? undefined : label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {showLabel && <span class="button-text">{label}</span>}
      </button>
      {open && (
        <div
          ref={list}
          id={id}
          class="menu"
          role="menu"
          aria-label={label}
          popover="manual"
          onKeyDown={pressed}
        >
          {items.flatMap((item) => [
            item.apart && <hr key={`above ${item.label}`} class="menu-line" />,
            <button
              key={item.label}
              type="button"
              class={classes("menu-item", item.danger && "menu-item-danger")}
              {...(item.checked === undefined
                ? { role: "menuitem" }
                : { role: "menuitemradio", "aria-checked": item.checked })}
              tabIndex={-1}
              disabled={item.disabled}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span class="menu-words">{item.label}</span>
              {item.checked && <Icon name="check" />}
            </button>,
          ])}
        </div>
      )}
    </>
  );
}

function choices(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(".menu-item:not(:disabled)")];
}

/** Which item a key leads to; null for a key that leads nowhere. */
export function step(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

const GAP = 6; // pixels between the button and its menu, and between the menu and the edge of the window

/** Under the button where there is room, above it where there is not; flush with its inner edge. */
function place(list: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const below = at.bottom + GAP;
  const fits = below + list.offsetHeight <= window.innerHeight - GAP;
  const inner = at.left + at.width / 2 < window.innerWidth / 2 ? at.left : at.right - list.offsetWidth;
  list.style.top = `${Math.max(GAP, fits ? below : at.top - GAP - list.offsetHeight)}px`;
  list.style.left = `${Math.min(Math.max(GAP, inner), window.innerWidth - GAP - list.offsetWidth)}px`;
}
