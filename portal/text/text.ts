import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en, type Text } from './en.ts';
import { nl } from './nl.ts';

export const languages = { en, nl } as const;

export type Language = keyof typeof languages;

const kept = 'language';

/** The language that was chosen here before, or else that of the browser. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(kept) ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is Language => tag in languages) ?? 'en';
}

/** Keeps the choice of a language for the next visit. */
export function keepLanguage(language: Language): void {
  localStorage.setItem(kept, language);
}

export const TextContext = createContext<{ readonly text: Text; readonly language: Language }>({
  text: en,
  language: 'en',
});

/** The words of the chosen language, and how it writes dates. */
export function useText() {
  const { text, language } = useContext(TextContext);
  const date = (iso: string) => new Date(iso).toLocaleDateString(language, { dateStyle: 'medium' });
  return { text, language, date };
}
