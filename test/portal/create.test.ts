import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  begin,
  button,
  clipboard,
  create,
  entry,
  heading,
  phone,
  portal,
  sideways,
} from '../../testing/portal.ts';

const { setPolicy, openList, make, verify, names, only } = portal();

const typed = (page: Page) => page.locator('#name').inputValue();
const tile = (page: Page, name: string) => page.getByRole('radio', { name });
const formed = /^([a-z]{4}-){4}[a-z]{4}$/;
const day = 86_400_000;

describe('A person', () => {
  test('makes the first app password, copies it, and uses it', async () => {
    const page = await openList();
    await page.getByText(en.empty).waitFor();
    await button(page, 'Create').click();
    await tile(page, 'iPhone or iPad').check();
    await button(page, 'Next').click();
    await heading(page, 'Your first app password').waitFor();
    await page.getByText(en.passwordIntro('iPhone')).waitFor();
    await button(page, 'Copy').click();
    await page.getByRole('status').getByText('Copied').waitFor();
    await button(page, 'Copied').waitFor();
    const password = await clipboard(page);
    expect(password).toMatch(formed);
    expect(await page.locator('.password').textContent()).toBe(password);
    expect(await verify(password)).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    await entry(page, 'iPhone').waitFor();
    expect(await page.content()).not.toContain(password);
    expect(await names()).toEqual(['iPhone']);
  });

  test('makes another one, which is not the first', async () => {
    await make('Laptop');
    const page = await openList();
    await create(page, 'Phone');
    await heading(page, 'Your app password').waitFor();
  });

  test('is told what a name may be, at its field', async () => {
    const page = await openList();
    await begin(page, '\u200b\u200b');
    await button(page, 'Next').click();
    await page
      .getByRole('alert')
      .getByText(en.invalid.name ?? '')
      .waitFor();
    const field = page.locator('#name[aria-invalid=true]');
    expect(await field.getAttribute('aria-describedby')).toBe(
      await page.getByRole('alert').getAttribute('id'),
    );
    await field.fill('Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    expect(await names()).toEqual(['Phone']);
  });

  test('is told by the password dialog what it is for, and the dialog says it to a screen reader', async () => {
    const page = await openList();
    await create(page, 'Phone');
    const dialog = page.getByRole('dialog', { name: 'Your first app password' });
    const description = await dialog.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${description}"]`).textContent()).toContain('mail settings of Phone');
  });
});

describe('What it is for', () => {
  test('fills in the name, and a name that is there already gets a number', async () => {
    await make('iPhone');
    const page = await openList();
    await button(page, 'Create').click();
    await tile(page, 'iPhone or iPad').check();
    expect(await typed(page)).toBe('iPhone 2');
    await tile(page, 'Thunderbird').check();
    expect(await typed(page)).toBe('Thunderbird');
    await tile(page, 'Something else').check();
    expect(await typed(page)).toBe('');
    await tile(page, 'iPhone or iPad').check();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    await button(page, 'Close').click();
    await entry(page, 'iPhone 2').waitFor();
    await button(page, 'Create').click();
    await tile(page, 'iPhone or iPad').check();
    expect(await typed(page)).toBe('iPhone 3');
  });

  test('leaves what was typed as it is', async () => {
    const page = await openList();
    await begin(page, 'Grandma');
    await tile(page, 'Android').check();
    expect(await typed(page)).toBe('Grandma');
    await tile(page, 'Mac').check();
    expect(await typed(page)).toBe('Grandma');
  });

  test('raises no keyboard: no field has the focus that was not asked for', async () => {
    const page = await openList({ ...phone, viewport: { width: 360, height: 380 } });
    const isField = () =>
      page.evaluate<boolean>('document.activeElement.matches("input:not([type=radio]), textarea")');
    await button(page, 'Create').tap();
    await heading(page, 'New app password').waitFor();
    expect(await isField()).toBe(false);
    await page.getByText('Printer or scanner').tap();
    expect(await typed(page)).toBe('Printer');
    expect(await isField()).toBe(false);
    const next = await button(page, 'Next').boundingBox();
    expect((next?.y ?? 380) + (next?.height ?? 0)).toBeLessThanOrEqual(380);
    await button(page, 'Next').tap();
    await button(page, 'Copy').waitFor();
    expect(await isField()).toBe(false);
  });
});

describe('The password', () => {
  test.each([320, 390])(
    'stands on one line of a screen of %i pixels, all of it in its box',
    async (width) => {
      const page = await openList({ ...phone, viewport: { width, height: 640 } });
      await create(page, `W${'w'.repeat(60)}`);
      const [first, last] = [page.locator('.password span').first(), page.locator('.password span').last()];
      const [start, end] = [await first.boundingBox(), await last.boundingBox()];
      expect(start?.y).toBe(end?.y);
      const box = await page.locator('.password').boundingBox();
      expect(start?.x).toBeGreaterThan(box?.x ?? 0);
      expect((end?.x ?? 0) + (end?.width ?? 0)).toBeLessThan((box?.x ?? 0) + (box?.width ?? 0));
      expect(await sideways(page)).toBe(0);
      await button(page, 'Close').click();
      await page.getByText('1 of 40').waitFor();
      expect(await sideways(page)).toBe(0);
    },
  );

  test.each([1000, 320])('is selected as a whole by three clicks, at %i pixels', async (width) => {
    const page = await openList({ viewport: { width, height: 700 } });
    const password = await create(page, 'Phone');
    await page.locator('.password span').nth(1).click({ clickCount: 3 });
    expect(await page.evaluate<string>('getSelection().toString()')).toBe(password);
  });

  test('is there also where the clipboard is not, and the page says so', async () => {
    const page = await openList();
    await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })');
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    await page.getByRole('status').getByText(en.copyFailed).waitFor();
    expect(await verify((await page.locator('.password').textContent()) ?? '')).toBe(200);
    await button(page, 'Copy: IMAP').click();
    await page.getByRole('status').getByText(en.copyFailed).waitFor();
  });
});

describe('More options', () => {
  test('let it end, and work for some protocols only', async () => {
    const page = await openList();
    await begin(page, 'Scanner');
    expect(await page.getByLabel('Expires').isVisible()).toBe(false);
    await page.getByText('More options').click();
    await page.getByLabel('Expires').selectOption('In 30 days');
    for (const name of ['POP3', 'Sieve', 'ActiveSync', 'CalDAV/CardDAV', 'RADIUS', 'LDAP'])
      await page.getByLabel(name).uncheck();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    const password = await clipboard(page);
    await button(page, 'Close').click();
    await button(page, 'Details of Scanner').click();
    await page.getByText('Only for IMAP and SMTP').waitFor();
    await page.getByText(/^Expires: \w+ \d+, \d{4}/).waitFor();
    const { createdAt, expiresAt, protocols } = await only();
    expect(Math.abs(Date.parse(expiresAt) - Date.parse(createdAt) - 30 * day)).toBeLessThan(1000);
    expect(protocols).toEqual(['imap', 'smtp']);
    expect(await verify(password, { 'x-protocol': 'imap' })).toBe(200);
    expect(await verify(password, { 'x-protocol': 'pop3' })).toBe(401);
  });

  test('restrict nothing where nothing is chosen', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await page.getByText('More options').click();
    await page.getByLabel('LDAP').uncheck();
    await page.getByLabel('LDAP').check();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    await button(page, 'Close').click();
    await entry(page, 'Phone').waitFor();
    expect(await only()).toMatchObject({ expiresAt: null, protocols: null });
  });

  test('are only what the organization allows', async () => {
    await setPolicy({ maximumLifetimeDays: 60, protocols: ['imap', 'smtp'] });
    const page = await openList();
    await begin(page, 'Phone');
    await page.getByText('More options').click();
    const choices = await page.getByLabel('Expires').locator('option').allTextContents();
    expect(choices).toEqual(['In 60 days, the longest possible', 'In 30 days']);
    expect(await page.locator('.boxes label').allTextContents()).toEqual(['IMAP', 'SMTP']);
    await page.getByLabel('IMAP').uncheck();
    await page.getByLabel('SMTP').uncheck();
    await page
      .getByRole('status')
      .getByText(en.invalid.protocols ?? '')
      .waitFor();
    await button(page, 'Next').click();
    await page
      .getByRole('alert')
      .getByText(en.invalid.protocols ?? '')
      .waitFor();
    await page.getByLabel('SMTP').check();
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    const { createdAt, expiresAt, protocols } = await only();
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(60 * day);
    expect(protocols).toEqual(['smtp']);
  });

  test('are not offered where the policy cannot be read', async () => {
    const page = await openList();
    await page.route('**/api/policy', (route) => route.abort());
    await page.reload();
    await page.locator('.bar').waitFor();
    await button(page, 'Create').click();
    await heading(page, 'New app password').waitFor();
    expect(await page.getByText('More options').count()).toBe(0);
  });
});
