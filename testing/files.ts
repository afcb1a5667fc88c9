import { readFileSync } from 'node:fs';
import { root } from '../local/stack-file.ts';

/** The text of one of the project's files. */
export const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** The npm scripts of the project. */
export const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The npm scripts that a text runs, by `npm run NAME` or a short form. */
export function npmScriptsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|(start|test)\b)/g)].map(
    ([, long, short]) => (long ?? short) as string,
  );
}

/** The anchor that a heading has. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
