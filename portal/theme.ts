import { kept } from './client/kept.ts';

export const themes = ['system', 'light', 'dark'] as const;

/** Light or dark, or as the device has it. */
export type Theme = (typeof themes)[number];

/** The theme that was chosen here before. */
export function keptTheme(): Theme {
  const chosen = kept.get('theme');
  return themes.find((theme) => theme === chosen) ?? 'system';
}

/** Keeps the choice of a theme for the next visit. */
export function keepTheme(theme: Theme): void {
  kept.set('theme', theme === 'system' ? undefined : theme);
}

export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}
