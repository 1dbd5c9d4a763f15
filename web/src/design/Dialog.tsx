import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useT } from "../i18n";
import { IconButton } from "./Button";

export interface DialogProps {
  open: boolean;
  title: string;
  /** Escape, the close button, or a tap beside it. */
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons at its end, the one that goes on last. */
  actions?: ComponentChildren;
}

/** A question in front of everything else. The browser keeps the focus in it, and gives it back at the end. */
export function Dialog({ open, ...rest }: DialogProps): JSX.Element | null {
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ title, onClose, children, actions }: Omit<DialogProps, "open">): JSX.Element {
  const t = useT();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    heading.current?.focus(); // its name is read first, and no button waits to be pressed by mistake
    return () => shown?.close(); // while it is still in the page: only then the focus goes back
  }, []);
  const cancelled = (event: Event): void => {
    event.preventDefault(); // whether it closes is for its owner to say
    onClose();
  };
  const pressed = (event: MouseEvent): void => {
    if (event.target !== dialog.current) return;
    event.preventDefault(); // or the focus would go to what lies under it
    onClose();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onCancel={cancelled} onMouseDown={pressed}>
      <div class="dialog-sheet">
        <header class="dialog-head">
          <h2 ref={heading} class="dialog-title" id={id} tabIndex={-1}>
            {title}
          </h2>
          <IconButton icon="close" label={t("design.close")} onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {actions && <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
