import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { en } from '../../portal/text/en.ts';
import { nl } from '../../portal/text/nl.ts';
import { gateway, person } from '../../testing/api.ts';
import { openWindow, pagePort, startBrowser } from '../../testing/browser.ts';
import { type Service, startService } from '../../testing/service.ts';

const alice = 'alice@example.com';

let service: Service;
let browser: Browser;
let api: ReturnType<typeof person>;
/** What the pages of a test complained of: breaches of the policy, and errors of their own. */
let trouble: string[] = [];
let windows: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [service, browser] = await Promise.all([startService({ port: await pagePort() }), startBrowser()]);
  api = person(service.origin, await service.token(alice));
}, 120_000);

afterAll(async () => {
  await browser.close();
  await service.close();
});

beforeEach(async () => {
  trouble = [];
  expect((await api.removeAll()).status).toBe(200);
});

afterEach(async () => {
  for (const close of windows) await close();
  windows = [];
  expect(trouble).toEqual([]);
});

async function open(options: Parameters<typeof openWindow>[3] = {}): Promise<Page> {
  const window = await openWindow(browser, service.origin, trouble, options);
  windows.push(() => window.context.close());
  await window.page.goto('/');
  return window.page;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

/** What a person does at the identity provider. */
async function passSignIn(page: Page, factor: 'with' | 'without' = 'with', username = alice): Promise<void> {
  await page.getByLabel(username).check();
  await button(page, `Sign in ${factor} second factor`).click();
}

/** A page that shows alice's list. */
async function openList(options?: Parameters<typeof openWindow>[3]): Promise<Page> {
  const page = await open(options);
  await page.locator('main button.main').click();
  await passSignIn(page);
  await page.locator('.bar').waitFor();
  return page;
}

/** Creates an app password on the page; what was copied. */
async function create(page: Page, name: string): Promise<string> {
  await button(page, 'Create').click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await button(page, 'Next').click();
  return copy(page);
}

async function copy(page: Page): Promise<string> {
  await button(page, 'Copy').click();
  await page.getByRole('status').getByText('Copied').waitFor();
  return page.evaluate<string>('navigator.clipboard.readText()');
}

/** The status that verify gives to a pair. */
async function verify(password: string, username = alice): Promise<number> {
  return (await gateway(service.origin, service.stack.gatewayKey).verify(username, password)).status;
}

async function names(): Promise<string[]> {
  const { body } = await api.list();
  return (body as { appPasswords: { name: string }[] }).appPasswords.map(({ name }) => name);
}

/** Lets the service do it, and loses its answer, once. */
async function loseAnswer(page: Page, path: string, method: string): Promise<void> {
  let isLost = false;
  await page.route(path, async (route: Route) => {
    if (isLost || route.request().method() !== method) return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort();
  });
}

describe('a person at the page', () => {
  test('makes the first app password, copies it, and deletes it', async () => {
    const page = await openList();
    await page.getByText('You have no app passwords yet.').waitFor();
    await button(page, 'Create').click();
    await button(page, 'iPhone').click();
    await button(page, 'Next').click();
    await heading(page, 'Your first app password').waitFor();
    const password = await copy(page);
    expect(password).toMatch(/^([a-z]{4}-){4}[a-z]{4}$/);
    expect(await page.locator('.password').textContent()).toBe(password);
    await page.getByText('IMAP').waitFor();
    await page.getByText('mail.example.com:993').waitFor();
    expect(await verify(password)).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    expect(await page.content()).not.toContain(password);
    await button(page, 'Delete iPhone').click();
    await heading(page, 'Delete the app password for iPhone?').waitFor();
    await button(page, 'Yes').click();
    await page.getByText('can no longer sign in').waitFor();
    expect(await verify(password)).toBe(401);
    await button(page, 'Close').click();
    await page.getByText('0 of 40').waitFor();
  });

  test('renames one, and finds one by its name among many', async () => {
    for (const name of ['Phone', 'Laptop', 'Printer', 'Car', 'Watch', 'Tablet', 'Desk', 'Scanner'])
      await api.create(name);
    const page = await openList();
    await page.getByLabel('Search by name').fill('LAP');
    await expect.poll(() => page.locator('.entries h2').allTextContents()).toEqual(['Laptop']);
    await button(page, 'Rename Laptop').click();
    await page.getByLabel('Name', { exact: true }).fill('Old laptop');
    await button(page, 'Save').click();
    await heading(page, 'Old laptop').waitFor();
    expect(await names()).toContain('Old laptop');
  });

  test('is asked before closing a password that was not copied', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('You have not copied it').waitFor();
    await button(page, 'Go back').click();
    await button(page, 'Close').click();
    await button(page, 'Close anyway').click();
    await page.getByText('1 of 40').waitFor();
  });

  test('at the limit is told to delete one first, and shown the unused ones first', async () => {
    let used = '';
    for (let number = 1; number <= 40; number++) {
      const { body } = await api.create(`Device ${number}`);
      if (number === 1) used = (body as { password: string }).password;
    }
    expect(await verify(used)).toBe(200);
    await expect
      .poll(async () => JSON.stringify((await api.list()).body), { timeout: 10_000 })
      .toContain('"gateway":"local"');
    const page = await openList();
    await page.getByText('40 of 40').waitFor();
    await button(page, 'Create').click();
    await page.getByText('Delete one that you no longer need').waitFor();
    const shown = await page.locator('.entries h2').allTextContents();
    expect([shown[0], shown.at(-1)]).toEqual(['Device 2', 'Device 1']);
  });

  test('deletes all, also when the first answer is lost', async () => {
    for (const name of ['Phone', 'Laptop']) await api.create(name);
    const page = await openList();
    await button(page, 'Delete all').click();
    await heading(page, 'Delete all 2 app passwords?').waitFor();
    await loseAnswer(page, '**/api/app-passwords/delete-all', 'POST');
    await button(page, 'Yes').click();
    await button(page, 'Try again').click();
    await page.getByText('All your app passwords are deleted.').waitFor();
    expect(await names()).toEqual([]);
  });

  test('reads Dutch in a Dutch browser, and switches', async () => {
    const page = await openList({ locale: 'nl-NL' });
    await page.getByText('0 van 40 app-wachtwoorden').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('nl');
    await button(page, 'English').click();
    await page.getByText('0 of 40 app passwords').waitFor();
    await page.reload();
    await button(page, 'Sign in').waitFor();
  });

  test('learns whether they need one, and what to do about a lost device', async () => {
    const page = await openList();
    await page.getByRole('link', { name: 'Do I need one?' }).click();
    await heading(page, 'Do I need one?').waitFor();
    const personal = page.getByRole('link', { name: 'Make it on Microsoft’s page' });
    expect(await personal.getAttribute('href')).toBe('https://account.live.com/proofs/AppPassword');
    await page.getByRole('link', { name: 'Make it here' }).click();
    await page.getByText('0 of 40').waitFor();
    await page.getByRole('link', { name: 'I lost a device' }).click();
    await page.getByText('Delete the app password of that device now.').waitFor();
  });

  test('signs out', async () => {
    const page = await openList();
    await button(page, 'Sign out').click();
    await button(page, 'Sign out').click();
    await button(page, 'Sign in').click();
    await page.getByLabel(alice).waitFor();
  });

  test('uses it on a phone, without scrolling sideways', async () => {
    const page = await openList({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    await create(page, `W${'w'.repeat(60)}`);
    const sideways = () =>
      page.evaluate<number>(
        'Math.max(...[document.documentElement, ...document.querySelectorAll("dialog")].map((each) => each.scrollWidth - each.clientWidth))',
      );
    expect(await sideways()).toBe(0);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    expect(await sideways()).toBe(0);
  });

  test('creates and deletes by the keyboard alone', async () => {
    const page = await openList();
    const reach = async (name: string) => {
      for (let tries = 0; tries < 40; tries++) {
        const focused = await page.evaluate<string>(
          '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent)',
        );
        if (focused === name) return page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
      }
      throw new Error(`No Tab leads to ${name}.`);
    };
    await reach('Create');
    await heading(page, 'New app password').waitFor();
    await page.keyboard.type('Keyboard');
    await page.keyboard.press('Enter');
    await button(page, 'Copy').waitFor();
    await reach('Copy');
    await page.getByRole('status').getByText('Copied').waitFor();
    await reach('Close');
    await page.getByText('1 of 40').waitFor();
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Create');
    await reach('Delete Keyboard');
    await reach('Yes');
    await page.getByText('can no longer sign in').waitFor();
    await reach('Close');
    await page.getByText('0 of 40').waitFor();
  });
});

/** What the service says to a sign-in that is too old for a new password. */
const oldSignIn = {
  status: 401,
  contentType: 'application/problem+json',
  headers: {
    'www-authenticate':
      'Bearer realm="App Passwords", error="insufficient_user_authentication", max_age="900"',
  },
  body: JSON.stringify({ type: '/problems/insufficient-user-authentication', code: 'AGE' }),
};

describe('the second step', () => {
  test('is explained, and leads back', async () => {
    const page = await open();
    await button(page, 'Sign in').click();
    await passSignIn(page, 'without');
    await heading(page, 'One more step').waitFor();
    await page.getByText('sign in with your second factor').waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await page.getByText('0 of 40').waitFor();
  });

  test('that the organization does not ask for ends on a page that says so', async () => {
    const page = await open();
    await button(page, 'Sign in').click();
    await passSignIn(page, 'without');
    await button(page, 'Continue').click();
    await passSignIn(page, 'without');
    await heading(page, 'This sign-in is not enough').waitFor();
    await page.getByText('no second factor was asked for').waitFor();
  });

  test('because of an old sign-in keeps what was typed', async () => {
    const page = await openList();
    let refusals = 2;
    await page.route('**/api/{app-passwords,registration}', (route) => {
      if (refusals === 0 || route.request().method() === 'GET') return route.continue();
      refusals -= 1;
      return route.fulfill(oldSignIn);
    });
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('My phone');
    await button(page, 'Next').click();
    await page.getByText('You signed in a while ago.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('My phone');
    await button(page, 'Next').click();
    await button(page, 'Continue').click();
    await passSignIn(page);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('My phone');
    await button(page, 'Next').click();
    expect(await verify(await copy(page))).toBe(200);
  });
});

describe('trouble with the network', () => {
  test('in the middle of a create leaves one password, the one that is shown after "Try again"', async () => {
    await api.create('Another');
    const page = await openList();
    await loseAnswer(page, '**/api/app-passwords', 'POST');
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await page.getByText('may or may not be done').waitFor();
    await button(page, 'Try again').click();
    expect(await verify(await copy(page))).toBe(200);
    expect(await names()).toEqual(['Phone', 'Another']);
  });

  test('in the middle of the very first one leaves one password as well', async () => {
    const page = await open();
    await button(page, 'Sign in').click();
    await passSignIn(page, 'with', 'bob@example.com');
    await page.getByText('0 of 40').waitFor();
    await loseAnswer(page, '**/api/registration', 'PUT');
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await page.getByText('may or may not be done').waitFor();
    await button(page, 'Try again').click();
    expect(await verify(await copy(page), 'bob@example.com')).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
  });

  test('in the middle of a delete ends with the truth', async () => {
    await api.create('Phone');
    const page = await openList();
    await loseAnswer(page, '**/api/app-passwords/*', 'DELETE');
    await button(page, 'Delete Phone').click();
    await button(page, 'Yes').click();
    await page.getByText('may or may not be done').waitFor();
    await button(page, 'Try again').click();
    await page.getByText('is deleted. The device can no longer sign in.').waitFor();
    expect(await names()).toEqual([]);
  });

  test('that cuts the person off is named, and loses nothing that was typed', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await page.context().setOffline(true);
    await button(page, 'Next').click();
    await page.getByText('You are offline.').waitFor();
    await page.context().setOffline(false);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Phone');
    await button(page, 'Try again').click();
    await button(page, 'Copy').waitFor();
  });

  test('while the list loads is named, with a way to try again', async () => {
    const page = await open();
    await page.route('**/api/app-passwords', (route) => route.abort(), { times: 1 });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByText('The service could not be reached.').waitFor();
    await button(page, 'Try again').click();
    await page.getByText('0 of 40').waitFor();
  });
});

describe('the page is safe', () => {
  test('shows a name of any kind as text', async () => {
    const stored = ['<img src=x onerror=alert(1)>', '"quotes" & \'more\'', '😀'.repeat(64), '&lt;b&gt;'];
    for (const name of stored) expect((await api.create(name)).status).toBe(201);
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
  });

  test('keeps no secret in storage, address, title or history', async () => {
    const page = await openList();
    const password = await create(page, 'Phone');
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.title, history.state, document.cookie])',
    );
    expect(kept).toBe(JSON.stringify([{}, {}, `${service.origin}/`, 'App passwords', null, '']));
    expect(await page.content()).not.toContain(password);
  });

  test('comes with a strict policy, and its files are kept for ever', async () => {
    const response = await fetch(service.origin);
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${service.stack.issuer}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    expect(response.headers.get('cache-control')).toBe('no-cache');
    for (const { response: file } of await files()) {
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      expect(file.headers.get('content-encoding')).toBe('gzip');
    }
  });

  test.each(['/index.html', '/assets/', '/assets/none.js', '/assets/..%2Findex.html', '/anything'])(
    'answers 404 to %s',
    async (path) => expect((await fetch(service.origin + path)).status).toBe(404),
  );

  test('weighs less than 60 kB of script, and 100 kB in all', async () => {
    const page = await (await fetch(service.origin)).text();
    const all = await files();
    const size = (part: typeof all) => part.reduce((sum, { zipped }) => sum + zipped, 0);
    expect(size(all.filter(({ path }) => path.endsWith('.js')))).toBeLessThan(60_000);
    expect(size(all) + gzipSync(page).length).toBeLessThan(100_000);
  });
});

/** The files of the first load, each as it comes. */
async function files() {
  const page = await (await fetch(service.origin)).text();
  const paths = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThanOrEqual(3);
  return Promise.all(
    paths.map(async (path) => {
      const response = await fetch(new URL(path, service.origin));
      return { path, response, zipped: gzipSync(await response.bytes()).length };
    }),
  );
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test('no state has anything that axe objects to', async () => {
    const page = await open({ colorScheme, reducedMotion: 'reduce' });
    const check = async (state: string) => {
      await page.evaluate(axe.source);
      const violations = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))',
      );
      expect(violations, state).toEqual([]);
    };
    await button(page, 'Sign in').waitFor();
    await check('signed out');
    await button(page, 'Sign in').click();
    await passSignIn(page, 'without');
    await heading(page, 'One more step').waitFor();
    await check('one more step');
    await button(page, 'Continue').click();
    await passSignIn(page);
    await page.getByText('0 of 40').waitFor();
    await check('empty list');
    await button(page, 'Create').click();
    await check('create');
    await page.context().setOffline(true);
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await page.getByText('You are offline.').waitFor();
    await check('offline');
    await page.context().setOffline(false);
    await button(page, 'Try again').click();
    await button(page, 'Copy').waitFor();
    await button(page, 'Close').click();
    await check('closing without a copy');
    await copy(page);
    await check('password');
    await button(page, 'Close anyway').click();
    await heading(page, 'Phone').waitFor();
    await check('list');
    await api.create('Laptop');
    await button(page, 'Create').click();
    await button(page, 'Cancel').click();
    await button(page, 'Delete all').click();
    await check('delete all');
    await button(page, 'Cancel').click();
    await button(page, 'Rename Phone').click();
    await check('rename');
    await button(page, 'Cancel').click();
    await button(page, 'Delete Phone').click();
    await check('delete');
    await button(page, 'Yes').click();
    await page.getByText('can no longer sign in').waitFor();
    await check('deleted');
    await button(page, 'Close').click();
    await page.getByRole('link', { name: 'Do I need one?' }).click();
    await heading(page, 'Do I need one?').waitFor();
    await check('do I need one');
    await page.getByRole('link', { name: 'I lost a device' }).click();
    await page.getByText('Delete the app password of that device now.').waitFor();
    await check('lost');
    for (let count = (await names()).length; count < 40; count++) await api.create(`Device ${count}`);
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await button(page, 'Create').click();
    await page.getByText('Delete one that you no longer need').waitFor();
    await page.getByLabel('Search by name').fill('nothing like it');
    await page.getByText('No app password has this in its name.').waitFor();
    await check('full, and nothing found');
    await page.route('**/settings.json', (route) => route.abort(), { times: 1 });
    await page.reload();
    await page.getByText('The service could not be reached.').waitFor();
    await check('without settings');
    await page.route('**/api/app-passwords', (route) => route.fulfill(oldSignIn));
    await page.goto('/');
    await button(page, 'Sign in').click();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await page.getByText('still counts as too old').waitFor();
    await check('not enough');
  });
});

test('every word is there in both languages', () => {
  const shape = (value: unknown): unknown => {
    if (typeof value === 'function') return value.length;
    if (typeof value === 'string') return value.trim() === '' ? 'nothing' : 'words';
    if (Array.isArray(value)) return value.map(shape);
    return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, shape(inner)]));
  };
  expect(shape(nl)).toEqual(shape(en));
  expect(JSON.stringify(shape(en))).not.toContain('nothing');
});
