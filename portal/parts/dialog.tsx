import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A modal dialog with a title.
 *
 * @param onClose what Escape does
 * @param describedBy the id of what says more of it
 */
export function Dialog(properties: {
  title: string;
  onClose: () => void;
  describedBy?: string;
  children: ComponentChildren;
}) {
  const { title, onClose, describedBy, children } = properties;
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
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A second Escape closes a dialog without a `cancel` that could be prevented.
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    >
      <h2 key={title} id={label}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

/** Says what went wrong, at once also to a screen reader. */
export function Alert({ children, id }: { children: ComponentChildren; id?: string }) {
  return (
    <p class="alert" role="alert" id={id}>
      {children}
    </p>
  );
}
