import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { begin, button, create, entry, portal, setVisible, signIn } from '../../testing/portal.ts';

const { api, open, openList, make, verify, only } = portal();

const imap = { 'x-protocol': 'imap', 'x-client-address': '203.0.113.7' };
const now = en.signedInNow('Phone');

/** How often the page has read the list, and that it did nothing but read. */
function count(page: Page) {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(`${request.method()} ${pathname}`);
  });
  return {
    lists: () => asked.filter((each) => each === 'GET /api/app-passwords').length,
    changes: () => asked.filter((each) => !each.startsWith('GET ')),
  };
}

/** A list whose clock a test moves; what is running at that moment goes on. */
async function openWithClock(): Promise<Page> {
  const page = await open();
  await page.clock.install();
  await page.reload();
  await signIn(page);
  return page;
}

/** Runs the page's timers for so long, and waits until all is counted that they asked. */
async function pass(page: Page, seconds: number): Promise<void> {
  await page.clock.runFor(seconds * 1000);
  await page.evaluate('fetch("/settings.json").then(() => undefined)');
}

describe('Once the device has signed in', () => {
  test('the dialog says so by itself within five seconds, and the list says it too', async () => {
    const page = await openList();
    const asked = count(page);
    const password = await create(page, 'Phone');
    await page.getByText(en.waiting('Phone')).waitFor();
    const before = asked.changes();
    expect(await verify(password, imap)).toBe(200);
    await page.locator('dialog [role=status]').getByText(now).waitFor({ timeout: 5000 });
    expect(asked.changes()).toEqual(before);
    expect(await page.getByText(en.waiting('Phone')).count()).toBe(0);
    await button(page, 'Close').click();
    await page.locator('main > [role=status]').getByText(now).waitFor();
    expect(await entry(page, 'Phone').textContent()).toContain('Working Used now, mail');
  });

  test('the list says so where the dialog is closed', async () => {
    const page = await openList();
    const password = await create(page, 'Phone');
    await button(page, 'Close').click();
    await entry(page, 'Phone').getByText('Not used yet').waitFor();
    expect(await verify(password, imap)).toBe(200);
    await page.locator('main > [role=status]').getByText(now).waitFor({ timeout: 5000 });
    await entry(page, 'Phone').getByText('Working').waitFor();
  });

  test('the password may be closed without a question, though it was typed and not copied', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    const password = (await page.locator('.password').textContent()) ?? '';
    expect(await verify(password, imap)).toBe(200);
    await page.locator('dialog [role=status]').getByText(now).waitFor({ timeout: 5000 });
    await button(page, 'Close').click();
    await entry(page, 'Phone').waitFor();
  });
});

describe('The page asks', () => {
  test('nothing while it is hidden, and at once when it is seen again', async () => {
    const page = await openWithClock();
    const asked = count(page);
    const password = await create(page, 'Phone');
    await setVisible(page, false);
    const before = asked.lists();
    expect(await verify(password, imap)).toBe(200);
    await expect.poll(async () => (await only()).lastUsed, { timeout: 10_000 }).not.toBeNull();
    await pass(page, 60);
    expect(asked.lists()).toBe(before);
    await setVisible(page, true);
    await page.locator('dialog [role=status]').getByText(now).waitFor({ timeout: 5000 });
    expect(asked.lists()).toBe(before + 1);
  });

  test('after two minutes whether it is the right password, and after ten nothing any more', async () => {
    const page = await openWithClock();
    const asked = count(page);
    await create(page, 'Phone');
    await pass(page, 110);
    const doubt = page.locator('dialog [role=status]').getByText(en.notYet('Phone'));
    expect(await doubt.count()).toBe(0);
    await pass(page, 13);
    await doubt.waitFor();
    await pass(page, 480);
    const before = asked.lists();
    expect(before).toBeGreaterThan(20);
    await pass(page, 300);
    expect(asked.lists()).toBe(before);
    expect(await page.locator('.password').textContent()).toMatch(/^([a-z]{4}-){4}[a-z]{4}$/);
    await expect.poll(() => doubt.count()).toBe(0);
  });
});

test('What the page asks changes nothing', async () => {
  const { password } = await make('Laptop');
  expect(await verify(password, imap)).toBe(200);
  await expect.poll(async () => (await only()).lastUsed, { timeout: 10_000 }).not.toBeNull();
  const all = async () => [(await api().list()).body, (await api().activity()).body];
  const before = await all();
  const page = await openWithClock();
  const asked = count(page);
  await pass(page, 200);
  expect(asked.lists()).toBeGreaterThan(1);
  expect(asked.changes()).toEqual([]);
  expect(await all()).toEqual(before);
});
