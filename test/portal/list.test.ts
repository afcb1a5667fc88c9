import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  aliceId,
  begin,
  button,
  entries,
  entry,
  heading,
  passSignIn,
  portal,
  refuseOldSignIn,
  sideways,
} from '../../testing/portal.ts';

const { api, asAdministrator, setPolicy, open, openList, make, verify, names, only, age, use } = portal();

const imap = { 'x-protocol': 'imap', 'x-client-address': '203.0.113.7' };
const badge = (page: Page, name: string) => entry(page, name).locator('.badge').textContent();

async function makeAll(all: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of all) ids.push((await make(name)).id);
  return ids;
}

/** Has an app password of alice paused by an administrator. */
async function pause(id: string): Promise<void> {
  const { status } = await asAdministrator(
    'POST',
    `/api/admin/people/${aliceId}/app-passwords/${id}/suspend`,
  );
  expect(status).toBe(200);
}

/** Has an app password of alice refused, as it works for mail only, and waits until that is noted. */
async function refuse(name: string): Promise<void> {
  const { body } = await api().create(name, {}, { protocols: ['imap'] });
  expect(await verify(body.password, { 'x-protocol': 'smtp' })).toBe(401);
  await expect.poll(async () => (await api().activity()).body.refusals, { timeout: 10_000 }).toHaveLength(1);
}

describe('A row', () => {
  test('tells by a badge with words how it is, and says the rest on demand', async () => {
    const [working, old, stopped] = (await makeAll(['Working', 'Old', 'Stopped', 'New'])) as [
      string,
      string,
      string,
    ];
    await use(working, 2);
    await pause(stopped);
    await age(old, 40);
    await use(old, 24 * 39, 'eas');
    await setPolicy({ maximumLifetimeDays: 30 });
    await refuse('Limited');
    const page = await openList();
    await expect.poll(() => badge(page, 'Limited')).toBe('Refused');
    expect(await badge(page, 'Working')).toBe('Working');
    expect(await badge(page, 'New')).toBe('Not used yet');
    expect(await badge(page, 'Stopped')).toBe('Paused');
    expect(await badge(page, 'Old')).toBe('Expired');
    const icons = await page.evaluate<string[]>(
      'Array.from(document.querySelectorAll(".badge svg"), (it) => it.innerHTML)',
    );
    expect(new Set(icons).size).toBe(5);

    expect(await entry(page, 'Working').locator('.what').textContent()).toContain('Used 2 hours ago, mail');
    expect(await entry(page, 'Old').locator('.what').textContent()).toContain(
      'Used last month, mail and calendar',
    );
    expect(await page.locator('.details').count()).toBe(0);
    const details = async (name: string) => {
      const opener = button(page, `Details of ${name}`);
      await opener.click();
      expect(await opener.getAttribute('aria-expanded')).toBe('true');
      return entry(page, name).locator('.details').textContent();
    };
    expect(await details('Working')).toMatch(
      /Last used \w+ .+\d:\d\d.+\(IMAP, gateway local, 203\.0\.113\.7\)/,
    );
    expect(await details('New')).toContain(en.neverUsedHelp);
    expect(await details('Stopped')).toContain(en.suspendedFor.administrator);
    expect(await details('Old')).toMatch(/Expired .+\. Make a new one for this device\./);
    expect(await details('Limited')).toContain(en.reasons['wrong-protocol']);
    expect(await page.getByRole('button', { name: 'Turn back on' }).count()).toBe(0);
    await button(page, 'Details of New').click();
    expect(await page.locator('.details').count()).toBe(4);
  });

  test('of what is refused for its protocol only, is not counted as still trying', async () => {
    await refuse('Limited');
    const page = await openList();
    await expect.poll(() => badge(page, 'Limited')).toBe('Refused');
    expect(await page.getByText(en.stillTried('Limited', 0)).count()).toBe(0);
  });

  test('of what the organization turned off altogether says that it stopped', async () => {
    const { body } = await api().create('Limited', {}, { protocols: ['pop3'] });
    await use(body.id, 2, 'pop3');
    await setPolicy({ protocols: ['imap'] });
    const page = await openList();
    expect(await badge(page, 'Limited')).toBe('Refused');
    await button(page, 'Details of Limited').click();
    await page.getByText(en.forNone).waitFor();
  });

  test('says when and from where it was used, as soon as a device has signed in', async () => {
    const { password } = await make('Phone');
    expect(await verify(password, imap)).toBe(200);
    await expect.poll(async () => (await only()).lastUsed, { timeout: 10_000 }).not.toBeNull();
    const page = await openList();
    await entry(page, 'Phone')
      .getByText(/^Used (now|\d+ seconds? ago), mail$/)
      .waitFor();
    await button(page, 'Details of Phone').click();
    await page.getByText(/Last used .+\d:\d\d.+\(IMAP, gateway local, 203\.0\.113\.7\)/).waitFor();
  });

  test('shows a name of any kind as text', async () => {
    const stored = ['<img src=x onerror=alert(1)>', '"quotes" & \'more\'', '😀'.repeat(64), '&lt;b&gt;'];
    await makeAll(stored);
    const page = await open();
    // The API refuses this one, but an older row may hold it.
    const turned = 'invoice\u202Efdp.exe';
    await page.route('**/api/app-passwords', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.appPasswords[0].name = turned;
      await route.fulfill({ response, json: body });
    });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByText('4 of 40').waitFor();
    const [, ...rest] = stored.toReversed();
    expect(await page.locator('.entries h2 bdi').allTextContents()).toEqual([turned, ...rest]);
    expect(await page.locator('.entries img').count()).toBe(0);
    expect(await sideways(page)).toBe(0);
  });
});

describe('A change', () => {
  test('of the name keeps the row', async () => {
    await makeAll(['Phone', 'Laptop']);
    const page = await openList();
    await button(page, 'Details of Laptop').click();
    await button(page, 'Rename Laptop').click();
    await page.getByLabel('Name', { exact: true }).fill('Old laptop');
    await button(page, 'Save').click();
    await heading(page, 'Old laptop').waitFor();
    expect(await names()).toEqual(['Old laptop', 'Phone']);
    expect(await entry(page, 'Old laptop').locator('.details').count()).toBe(1);
  });

  test('turns one back on that was not used for long, also after another sign-in', async () => {
    const { id, password } = await make('Phone');
    await age(id, 100);
    await setPolicy({ idleDays: 90 });
    expect(await verify(password)).toBe(401);
    const page = await openList();
    await button(page, 'Details of Phone').click();
    await page.getByText(en.suspendedFor.idle).waitFor();
    await button(page, 'Turn back on: Phone').click();
    await refuseOldSignIn(page, '**/revive', 'POST');
    await button(page, 'Turn back on').click();
    await page.getByText(en.stepUp.age).waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await heading(page, en.reviveQuestion('Phone')).waitFor();
    await button(page, 'Turn back on').click();
    await page.locator('dialog').getByText(en.revived('Phone')).waitFor();
    await button(page, 'Close').click();
    await page.locator('main > [role=status]').getByText(en.revived('Phone')).waitFor();
    await expect.poll(() => badge(page, 'Phone')).toBe('Not used yet');
    expect(await verify(password)).toBe(200);
  });

  test('is not offered where the organization allows none, and refused where it stopped in between', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await setPolicy({ creation: 'nobody' });
    await button(page, 'Next').click();
    await page
      .getByRole('alert')
      .getByText(en.problems['creation-denied'] ?? '')
      .waitFor();
    expect(await page.getByRole('button', { name: /Try again|Next/ }).count()).toBe(0);
    await button(page, 'Cancel').click();
    await page.getByText(en.problems['creation-denied'] ?? '').waitFor();
    expect(await button(page, 'Create').count()).toBe(0);
  });
});

describe('Of many', () => {
  const some = ['Phone', 'Laptop', 'Printer', 'Car', 'Watch', 'Tablet', 'Desk'];

  test('there is a search, an order and a filter, from eight on', async () => {
    const ids = await makeAll(some);
    const page = await openList();
    await page.getByText('7 of 40').waitFor();
    expect(await page.locator('.finder').count()).toBe(0);
    const { id } = await make('Scanner');
    await use(ids[1] as string, 30);
    await use(ids[3] as string, 2);
    await use(id, 400);
    await page.reload();
    await page.getByText('8 of 40').waitFor();
    expect(await entries(page)).toEqual([...some, 'Scanner'].toReversed());
    await page.getByLabel('Sort by').selectOption('Last used');
    expect((await entries(page)).slice(0, 3)).toEqual(['Car', 'Laptop', 'Scanner']);
    await page.getByLabel('Sort by').selectOption('Name');
    expect(await entries(page)).toEqual([...some, 'Scanner'].sort());
    await page.getByLabel('Only unused').check();
    expect(await entries(page)).toEqual(['Desk', 'Phone', 'Printer', 'Tablet', 'Watch']);
    await page.getByLabel('Search by name').fill(' TAB ');
    expect(await entries(page)).toEqual(['Tablet']);
    await page.getByLabel('Search by name').fill('lap');
    await page.getByRole('status').getByText('No matches').waitFor();
    await page.getByLabel('Only unused').uncheck();
    expect(await entries(page)).toEqual(['Laptop']);
    expect(await page.getByText('No matches').count()).toBe(0);
  });

  test('one is found without its case, accents and form', async () => {
    await makeAll([
      'Zo\u00eb phone',
      '\u0130stanbul ofis',
      'Tele\u0301fono',
      'Phone 10',
      'Phone 9',
      'A',
      'B',
      'C',
    ]);
    const page = await openList();
    const find = async (typed: string) => {
      await page.getByLabel('Search by name').fill(typed);
      return entries(page);
    };
    for (const typed of ['zo\u00eb', 'zoe\u0308', 'ZOE', ' zoe '])
      expect(await find(typed), typed).toEqual(['Zo\u00eb phone']);
    for (const typed of ['istanbul', 'ISTANBUL', '\u0130STANBUL'])
      expect(await find(typed), typed).toEqual(['\u0130stanbul ofis']);
    expect(await find('tel\u00e9fono')).toHaveLength(1);
    await find('phone 1');
    expect(await entries(page)).toEqual(['Phone 10']);
    await find('phone');
    await page.getByLabel('Sort by').selectOption('Name');
    expect(await entries(page)).toEqual(['Phone 9', 'Phone 10', 'Zo\u00eb phone']);
  });

  test('forty fit in 3,000 pixels on a phone; at the limit one is told to delete one, and which', async () => {
    const ids = await makeAll(Array.from({ length: 40 }, (_, index) => `Device ${index + 1}`));
    await use(ids[0] as string, 1);
    await use(ids[9] as string, 1000);
    const page = await openList({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await page.getByText('40 of 40').waitFor();
    expect(await page.locator('.entries li').count()).toBe(40);
    expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThanOrEqual(3000);
    await button(page, 'Create').click();
    await page.getByRole('alert').getByText(en.limitReached(40)).waitFor();
    const shown = await entries(page);
    expect([shown[0], ...shown.slice(-2)]).toEqual(['Device 2', 'Device 10', 'Device 1']);
  });

  test('the list refreshes itself, and what is open and typed stays', async () => {
    await makeAll([...some, 'Scanner']);
    const page = await open();
    await page.clock.install();
    await page.reload();
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await button(page, 'Details of Scanner').click();
    await page.getByLabel('Search by name').fill('an');
    const { password } = await make('Land Rover');
    expect(await verify(password, imap)).toBe(200);
    await page.clock.runFor(61_000);
    await entry(page, 'Land Rover').waitFor();
    expect(await page.locator('.details').count()).toBe(1);
    expect(await page.getByLabel('Search by name').inputValue()).toBe('an');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('search');
  });
});

test('The list is there also where policy and activity are not', async () => {
  await make('Phone');
  const page = await openList();
  await page.route('**/api/{policy,activity}', (route) => route.abort());
  await page.reload();
  await entry(page, 'Phone').waitFor();
  expect(await badge(page, 'Phone')).toBe('Not used yet');
});
