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

/** 1,280 pixels at 400 %, and a small phone. */
const windows = {
  en: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
  nl: { viewport: { width: 320, height: 380 }, hasTouch: true, isMobile: true },
  de: { viewport: { width: 320, height: 380 }, hasTouch: true, isMobile: true },
};

/** What the page's own switch does, where a dialog lies over it. */
const show = (page: Page, theme: string) =>
  page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);

test.each(languages)(
  'Every state is for everybody, light and dark: %s',
  async (language, text) => {
    const page = await stack.open({ locale: language, reducedMotion: 'reduce', ...windows[language] });
    const seen = new Set<string>();
    await passThrough(stack, page, text, async (state) => {
      seen.add(state);
      await show(page, 'light');
      await checkAccessible(page, state);
      await show(page, 'dark');
      await checkAccessible(page, `${state}, dark`, ['color-contrast']);
      await show(page, 'system');
      expect.soft(await sideways(page), state).toBe(0);
      expect.soft(await page.evaluate<string[]>(small), state).toEqual([]);
      expect.soft(await page.evaluate<string[]>(misnamed), state).toEqual([]);
    });
    expect(seen.size).toBeGreaterThan(25);
  },
  120_000,
);

test('The switch makes it light or dark, whatever the device has, and is remembered', async () => {
  const page = await stack.open({ colorScheme: 'light' });
  const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  const light = await paper();
  await page.locator('header button').click();
  await checkAccessible(page, 'menu');
  await page.locator('#theme').selectOption('dark');
  await checkAccessible(page, 'menu, dark');
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.locator('main button.main').waitFor();
  expect(await paper()).toBe(dark);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('header button').click();
  await page.locator('#theme').selectOption('light');
  expect(await paper()).toBe(light);
  await page.locator('#theme').selectOption('system');
  expect(await paper()).toBe(dark);
});
