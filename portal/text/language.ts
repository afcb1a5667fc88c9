import { kept } from '../client/kept.ts';
import type { Text } from './languages/en.ts';
import type { Wording } from './text.ts';

/** A language is one file; its name is the tag of the language (BCP 47). */
const files = import.meta.glob<Text>('./languages/*.ts', { import: 'words' });

/** The languages that the page has. */
export const languages: readonly string[] = Object.keys(files).map(
  (file) => /([\w-]+)\.ts$/.exec(file)?.[1] ?? '',
);

/** The language that was chosen here before, or else the first of the browser's that the page has. */
export function preferredLanguage(): string {
  for (const tag of [kept.get('language') ?? '', ...navigator.languages]) {
    // A language without its region is better than another language.
    const found = [tag, tag.split('-')[0]].find((each) => each !== undefined && languages.includes(each));
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Loads the words of a language. */
export async function wordingIn(language: string): Promise<Wording> {
  const load = files[`./languages/${language}.ts`];
  if (load === undefined) throw new Error('The page does not have this language.');
  return { text: await load(), language };
}

/** What a language calls itself. */
export function nameOf(language: string): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** Keeps the choice of a language for the next visit. */
export function keepLanguage(language: string): void {
  kept.set('language', language);
}
