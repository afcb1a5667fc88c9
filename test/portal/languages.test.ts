import { describe, expect, test } from 'vitest';
import { words as de } from '../../portal/text/languages/de.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { alice, button, create, entry, heading, portal, signIn } from '../../testing/portal.ts';

const { setPolicy, open, openList, make, age, use } = portal();

const catalogues = { en, nl, de };

const medium = (locale: string, at: number) =>
  new Date(at).toLocaleDateString(locale, { dateStyle: 'medium' });

describe('A browser', () => {
  test.each([
    ['en-US', 'en', 'en-US'],
    ['en-GB', 'en', 'en-GB'],
    ['nl-NL', 'nl', 'nl-NL'],
    ['nl-BE', 'nl', 'nl-BE'],
    ['de-AT', 'de', 'de-AT'],
    ['pt-BR', 'en', 'en'],
    ['fr-BE', 'en', 'en'],
  ] as const)('of %s reads %s, with dates as in %s', async (locale, language, region) => {
    const text = catalogues[language];
    const { id } = await make('Phone');
    await age(id, 300);
    await use(id, 2);
    const made = Date.now() - 300 * 86_400_000;
    const page = await openList({ locale });
    await page.getByText(text.used(1, 40)).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await page.locator('html').getAttribute('dir')).toBe(text.direction);
    expect(await page.title()).toBe(`${text.listTitle} – ${text.title}`);
    const ago = new Intl.RelativeTimeFormat(region, { numeric: 'auto' }).format(-2, 'hour');
    await entry(page, 'Phone').getByText(text.usedAgo(ago, text.uses.imap)).waitFor();
    await button(page, text.detailsOf('Phone')).click();
    const details = await entry(page, 'Phone').locator('.details').textContent();
    expect(details).toContain(text.created(medium(region, made)));
    await button(page, text.deleteOf('Phone')).click();
    await heading(page, text.deleteQuestion('Phone')).waitFor();
    await button(page, text.yes).click();
    await page.locator('dialog').getByText(text.deleted('Phone')).waitFor();
    await button(page, text.close).click();
    await page.getByText(text.used(0, 40)).waitFor();
  });

  test('of Great Britain has the day before the month', async () => {
    await make('Phone');
    const page = await openList({ locale: 'en-GB' });
    await button(page, en.detailsOf('Phone')).click();
    await page.getByText(/^Created \d{1,2} \w{3,4} \d{4}$/).waitFor();
  });
});

describe('The select', () => {
  test('changes every word at once, and is remembered', async () => {
    await make('Phone');
    const page = await openList();
    const account = () => page.locator('header button').first();
    for (const [language, text] of Object.entries({ nl, de, en })) {
      await account().click();
      await page.locator('#language').selectOption(language);
      await page.getByText(text.used(1, 40)).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await page.title()).toBe(`${text.listTitle} – ${text.title}`);
      await page.getByText(text.signedInAs(alice)).waitFor();
      await page.getByText(text.badges.unused).waitFor();
      await account().click();
    }
    await account().click();
    expect(await page.locator('#language option').allTextContents()).toEqual([
      'Deutsch',
      'English',
      'Nederlands',
    ]);
    await page.locator('#language').selectOption('de');
    await page.getByText(de.used(1, 40)).waitFor();
    await page.reload();
    await page.getByText(de.used(1, 40)).waitFor();
  });

  test('is asked of the identity provider as well', async () => {
    const page = await open();
    await page.locator('header button').click();
    await page.locator('#language').selectOption('nl');
    await heading(page, nl.intro[0] ?? '').waitFor();
    const request = page.waitForRequest((each) => new URL(each.url()).pathname === '/auth');
    await signIn(page);
    expect(new URL((await request).url()).searchParams.get('ui_locales')).toBe('nl');
    await page.getByText(nl.used(0, 40)).waitFor();
  });
});

test.each(Object.entries(catalogues))('One is told from several: %s', async (language, text) => {
  await setPolicy({ limit: 1 });
  const page = await openList({ locale: language });
  await page.getByText(text.used(0, 1)).waitFor();
  await create(page, 'Phone');
  await button(page, text.close).click();
  await page.getByText(text.used(1, 1)).waitFor();
  const told = [text.used(1, 1), text.used(1, 40)].map((each) => /[\p{L}-]+$/u.exec(each)?.[0]);
  expect(told[0]).not.toBe(told[1]);
});
