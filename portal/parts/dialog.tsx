import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A modal dialog with a title.
 *
 * @param onClose what Escape does
 */
export function Dialog(properties: { title: string; onClose: () => void; children: ComponentChildren }) {
  const { title, onClose, children } = properties;
  const dialog = useRef<HTMLDialogElement>(null);
  const label = useId();
  // Closing it gives the focus back to what opened it.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={label}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Says what went wrong, at once also to a screen reader. */
export function Alert({ children }: { children: ComponentChildren }) {
  return (
    <p class="alert" role="alert">
      {children}
    </p>
  );
}
