import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type Device, devices } from '../../portal/devices/device.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  alice,
  aliceId,
  begin,
  bob,
  button,
  clipboard,
  create,
  link,
  passSignIn,
  portal,
} from '../../testing/portal.ts';

const { asAdministrator, open, openList, make, verify } = portal();

/** What is to be typed into the device, beside the password that is shown. */
const facts = (page: Page) => page.locator('.settings dt').allTextContents();

async function createFor(page: Page, device: Device): Promise<void> {
  await button(page, 'Create').click();
  await page.getByRole('radio', { name: en.devices[device].tile }).check();
  if (device === 'other') await page.locator('#name').fill('Car');
  await button(page, 'Next').click();
  await button(page, 'Copy').click();
}

describe('The steps', () => {
  test('are those of the device', async () => {
    const page = await openList();
    for (const device of devices) {
      await createFor(page, device);
      expect(await page.locator('.steps li').allTextContents(), device).toEqual(en.steps[device]);
      await button(page, 'Close').click();
    }
  });

  test('send a printer to where mail is sent, and leave out the rest', async () => {
    const page = await openList();
    await createFor(page, 'printer');
    expect(await facts(page)).toEqual(['Username', 'SMTP']);
  });

  test('come with the profile on an iPhone and a Mac, without any name or password in its address', async () => {
    const page = await openList();
    for (const device of devices) {
      await createFor(page, device);
      const profile = link(page, 'Get the settings as a profile');
      expect(await profile.count(), device).toBe(device === 'iphone' || device === 'mac' ? 1 : 0);
      if ((await profile.count()) === 1) expect(await profile.getAttribute('href')).toMatch(/^\/[\w.-]+$/);
      await button(page, 'Close').click();
    }
  });
});

test('Username and servers can be copied one by one, and the page says which', async () => {
  const page = await openList();
  await create(page, 'Phone');
  const rows = page.locator('.settings > div');
  expect(await facts(page)).toEqual(['Username', 'ActiveSync', 'IMAP', 'SMTP', 'CalDAV', 'CardDAV']);
  for (const row of await rows.all()) {
    const name = await row.locator('dt').textContent();
    await button(page, `Copy: ${name}`).click();
    await page.getByRole('status').getByText(`Copied: ${name}`).waitFor();
    expect(await clipboard(page)).toBe(await row.locator('dd').first().textContent());
  }
  expect(await rows.nth(2).locator('dd').allTextContents()).toEqual([
    'mail.example.com',
    '',
    'Port 993, TLS (SSL)',
  ]);
  await button(page, 'Close').click();
  await page.getByText(en.closeUncopied).waitFor({ state: 'detached' });
});

test('A phone is led to this page by a QR code of its address alone, from where there is a mouse', async () => {
  const page = await openList();
  await button(page, 'Create').click();
  await page.getByRole('radio', { name: 'Android' }).check();
  await page.getByRole('img', { name: en.addressCode }).waitFor();
  await page.getByRole('radio', { name: 'Outlook' }).check();
  expect(await page.getByText(en.otherPhone).count()).toBe(0);
  const onPhone = await openList({ hasTouch: true, isMobile: true });
  await button(onPhone, 'Create').click();
  await onPhone.getByRole('radio', { name: 'Android' }).check();
  expect(await onPhone.getByText(en.otherPhone).count()).toBe(0);
});

describe('The username that the page tells', () => {
  const who = (page: Page) => page.locator('.who span').textContent();
  const shown = (page: Page) => page.locator('.settings dd').first().textContent();

  /** Opens the list, after a sign-in that calls the person so. */
  async function openListOf(preferred: string | undefined): Promise<Page> {
    const page = await open();
    await page.route('**/token', async (route) => {
      const response = await route.fetch();
      const { id_token: token, ...json } = await response.json();
      const [header, , signature] = token.split('.');
      const claims = JSON.stringify({ ...decodeJwt(token), preferred_username: preferred });
      const changed = [header, Buffer.from(claims).toString('base64url'), signature].join('.');
      await route.fulfill({ response, json: { ...json, id_token: changed } });
    });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.locator('.bar').waitFor();
    return page;
  }

  test.each(['asmith', 'Alice', 'a.example@mail.example.com', '', undefined])(
    'is one that works, where the provider calls the person %s',
    async (preferred) => {
      const page = await openListOf(preferred);
      expect(await who(page)).toBe(`Signed in as ${alice}`);
      const password = await create(page, 'Phone');
      expect(await shown(page)).toBe(alice);
      expect(await verify(password)).toBe(200);
      if (preferred) expect(await page.content()).not.toContain(preferred);
    },
  );

  test('is the new one after a rename by an administrator while the page is open', async () => {
    await make('Laptop');
    const page = await openList();
    const renamed = 'alice.smith@example.com';
    const path = `/api/admin/people/${aliceId}`;
    expect((await asAdministrator('PATCH', path, { username: renamed })).status).toBe(200);
    const password = await create(page, 'Phone');
    await expect.poll(() => shown(page)).toBe(renamed);
    expect(await who(page)).toBe(`Signed in as ${renamed}`);
    expect([await verify(password), await verify(password, {}, renamed)]).toEqual([401, 200]);
  });

  test('stays, and so does the password, where the service is away since', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await page.route('**/api/app-passwords', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.fallback(),
    );
    const failed = page.waitForEvent('requestfailed');
    await button(page, 'Next').click();
    await failed;
    expect(await page.locator('.password').textContent()).toMatch(/^([a-z]{4}-){4}[a-z]{4}$/);
    expect(await shown(page)).toBe(alice);
  });

  test.each(['#activity', '#admin'])('is there also where the list was not read: %s', async (part) => {
    const page = await open();
    await page.goto(`/${part}`);
    await button(page, 'Sign in').click();
    await passSignIn(page, bob);
    await expect.poll(() => who(page)).toBe(`Signed in as ${bob}`);
    expect(page.url()).toContain(part);
  });
});
