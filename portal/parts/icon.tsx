import { h } from 'preact';

/** An icon of Lucide: the elements of a drawing of 24 by 24. */
export type Drawing = readonly (readonly [string, Readonly<Record<string, string | number | undefined>>])[];

/** An icon beside words that say the same, so a screen reader passes it by. */
export function Icon({ drawing }: { drawing: Drawing }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawing.map(([element, attributes], index) => h(element, { key: index, ...attributes }))}
    </svg>
  );
}
