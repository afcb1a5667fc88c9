import { useEffect, useRef } from 'preact/hooks';
import type { Errand } from '../sign-in/sign-in.ts';

/**
 * Sees to the focus after a change, as what had it may be gone with its app password.
 *
 * @param isClosed whether no dialog is open any more
 * @returns what gets the focus where no app password is left, and what says that a change was made
 */
export function useNextFocus(isClosed: boolean) {
  const top = useRef<HTMLElement>(null);
  const next = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (!isClosed || document.activeElement !== document.body) return;
    if (next.current === undefined) return;
    const wanted = document.getElementById(`details-${next.current}`);
    next.current = undefined;
    (wanted ?? top.current)?.focus({ preventScroll: wanted !== null });
  });
  const moveFocus = (changed: Errand | undefined) => {
    next.current = changed !== undefined && 'id' in changed ? afterwards(changed) : '';
  };
  return { top, moveFocus };
}

/** The id of the app password that gets the focus after a change: of the next one, where it is gone. */
function afterwards({ kind, id }: Extract<Errand, { id: string }>): string {
  if (kind !== 'delete') return id;
  const entry = document.getElementById(`details-${id}`)?.closest('li');
  const neighbour = entry?.nextElementSibling ?? entry?.previousElementSibling;
  return neighbour?.querySelector('[id^="details-"]')?.id.replace('details-', '') ?? '';
}
