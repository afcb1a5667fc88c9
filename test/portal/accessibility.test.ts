import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { words as de } from '../../portal/text/languages/de.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { checkAccessible, portal, sideways } from '../../testing/portal.ts';
import { passThrough } from '../../testing/portal-states.ts';

const stack = portal();

const languages = [
  ['en', en],
  ['nl', nl],
  ['de', de],
] as const;

/** What can be pressed on the page, or in the dialog on it. */
const pressable = `[...document.querySelectorAll(document.querySelector('dialog') ? 'dialog *' : 'body *')]
  .filter((each) => each.matches('a, button, select, input, summary') && each.checkVisibility())`;

/** What is less than 44 by 44 pixels; a link among words is as high as they are, and a box has its label. */
const small = `${pressable}.map((each) => (each.matches('input') && each.closest('label')) || each)
  .filter((each) => !(each.matches('a') && [...each.parentElement.childNodes].some((it) => it.nodeType === 3 && it.data.trim())))
  .filter((each) => { const { width, height } = each.getBoundingClientRect(); return width < 43.5 || height < 43.5; })
  .map((each) => each.outerHTML)`;

/** What is called otherwise than it reads (WCAG 2.5.3). */
const misnamed = `${pressable}.filter((each) => each.hasAttribute('aria-label'))
  .filter((each) => !each.ariaLabel.toLowerCase().includes(each.textContent.trim().toLowerCase()))
  .map((each) => each.outerHTML)`;

async function open(theme: string, language: string, options: object): Promise<Page> {
  const page = await stack.open({ locale: language, reducedMotion: 'reduce', ...options });
  await page.locator('header button').click();
  await page.locator('#theme').selectOption(theme);
  await checkAccessible(page, `menu in ${theme}`);
  await page.locator('header button').click();
  return page;
}

const phone = { viewport: { width: 320, height: 380 }, hasTouch: true, isMobile: true };
/** 1,280 by 1,024 pixels at 400 %. */
const zoomed = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 };

test.each(
  languages.flatMap(([language, text]) => [
    { language, text, theme: 'light', on: 'a small phone', window: phone },
    { language, text, theme: 'dark', on: 'a screen at 400 %', window: zoomed },
  ]),
)(
  'Every state is for everybody: $language, $theme, on $on',
  async ({ language, text, theme, window }) => {
    const page = await open(theme, language, window);
    const seen = new Set<string>();
    await passThrough(stack, page, text, async (state) => {
      seen.add(state);
      expect.soft(await page.evaluate<string>('document.documentElement.dataset.theme'), state).toBe(theme);
      await checkAccessible(page, state);
      expect.soft(await sideways(page), state).toBe(0);
      expect.soft(await page.evaluate<string[]>(small), state).toEqual([]);
      expect.soft(await page.evaluate<string[]>(misnamed), state).toEqual([]);
    });
    expect(seen.size).toBeGreaterThan(25);
  },
  120_000,
);
