import axe from 'axe-core';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { sampleUsers, type User } from '../local/identities.ts';
import { defaultPolicy, type Policy } from '../shared/domain/policy/policy.ts';
import { profileKey } from '../shared/tables/rows.ts';
import { gateway, person } from './api.ts';
import { openWindow, pagePort, startBrowser } from './browser.ts';
import { type Service, startService } from './service.ts';

export const alice = 'alice@example.com';
export const bob = 'bob@example.com';
export const aliceId = sampleUsers.find(({ username }) => username === alice)?.oid ?? '';

export const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

type Window = Parameters<typeof openWindow>[3];

/**
 * The page over a real service for the tests of one file; before each, nothing is known of alice and the policy is the
 * usual.
 *
 * @param users people beside alice and bob
 */
export function portal(users: readonly User[] = []) {
  let service: Service;
  let browser: Browser;
  let own: ReturnType<typeof person>;
  let administrator: string;
  let trouble: string[] = [];
  let windows: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const port = await pagePort();
    [service, browser] = await Promise.all([startService({ port, users }), startBrowser()]);
    own = person(service.origin, await service.token(alice));
    administrator = await service.token(bob);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  beforeEach(async () => {
    trouble = [];
    await setPolicy({});
    expect((await asAdministrator('DELETE', `/api/admin/people/${aliceId}`)).status).toBe(204);
  });

  afterEach(async () => {
    for (const close of windows) await close();
    windows = [];
    expect(trouble).toEqual([]);
  });

  async function asAdministrator(method: string, path: string, json?: object, headers = {}) {
    const response = await fetch(service.origin + path, {
      method,
      headers: {
        authorization: `Bearer ${administrator}`,
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json && { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** Puts the usual policy in place, but for what is given. */
  async function setPolicy(part: Partial<Policy>): Promise<void> {
    const { etag } = await asAdministrator('GET', '/api/admin/policy');
    const policy = { ...defaultPolicy, ...part };
    const { status } = await asAdministrator('PUT', '/api/admin/policy', policy, { 'if-match': etag });
    expect(status).toBe(200);
  }

  async function open(options: Window = {}): Promise<Page> {
    const window = await openWindow(browser, service.origin, trouble, options);
    windows.push(() => window.context.close());
    await window.page.goto('/');
    return window.page;
  }

  async function openList(options: Window = {}, username = alice): Promise<Page> {
    const page = await open(options);
    await signIn(page, username);
    return page;
  }

  /** Creates an app password for alice by the API. */
  async function make(name: string): Promise<{ id: string; password: string }> {
    const { status, body } = await own.create(name);
    expect(status).toBe(201);
    return body;
  }

  /** The status that verify gives to credentials. */
  async function verify(password: string, headers: Record<string, string> = {}, username = alice) {
    const { verify } = gateway(service.origin, service.stack.gatewayKey);
    return (await verify(username, password, headers)).status;
  }

  /** Changes columns of an app password of alice. */
  async function merge(id: string, columns: object): Promise<void> {
    const { passwords } = service.tables;
    for await (const row of passwords.listEntities<{ id?: string }>()) {
      if (row.id !== id || row.rowKey === profileKey) continue;
      const { partitionKey = '', rowKey = '' } = row;
      await passwords.updateEntity({ partitionKey, rowKey, ...columns }, 'Merge');
    }
  }

  return {
    origin: () => service.origin,
    issuer: () => service.stack.issuer,
    /** Alice's own calls. */
    api: () => own,
    asAdministrator,
    setPolicy,
    open,
    /** A page that shows somebody's list. */
    openList,
    make,
    verify,
    /** Has a deleted app password of alice refused, and waits until that is noted. */
    async refuseDeleted(name: string): Promise<void> {
      const { id, password } = await make(name);
      await own.remove(id);
      const origin = { 'x-protocol': 'imap', 'x-client-address': '203.0.113.7' };
      expect(await verify(password, origin)).toBe(401);
      await expect
        .poll(async () => (await asAdministrator('GET', `/api/admin/people/${aliceId}`)).body.deleted, {
          timeout: 10_000,
        })
        .toContainEqual(expect.objectContaining({ id, refusals: expect.objectContaining({ count: 1 }) }));
    },
    /** Makes an app password of alice older. */
    age: (id: string, days: number) => merge(id, { createdAt: new Date(Date.now() - days * 86_400_000) }),
    /** Lets an app password of alice have been used so many hours ago. */
    use: (id: string, hours: number, protocol = 'imap') =>
      merge(id, {
        lastUsedAt: new Date(Date.now() - hours * 3_600_000),
        lastUsedProtocol: protocol,
        lastUsedGateway: 'local',
        lastUsedClientAddress: '203.0.113.7',
      }),
    /** The only app password that alice has. */
    async only() {
      const { body } = await own.list();
      expect(body.appPasswords).toHaveLength(1);
      return body.appPasswords[0];
    },
    /** The names of alice's app passwords, the newest first. */
    async names(): Promise<string[]> {
      const { body } = await own.list();
      return body.appPasswords.map(({ name }: { name: string }) => name);
    },
  };
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
export const link = (page: Page, name: string) => page.getByRole('link', { name });

/** An app password in the list. */
export const entry = (page: Page, name: string) =>
  page.locator('.entries li').filter({ has: heading(page, name) });

/** The names in the list, as they are shown. */
export const entries = (page: Page) => page.locator('.entries h2').allTextContents();

/** What is in the clipboard. */
export const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()');

/** Opens the dialog in which an app password is made, and types its name. */
export async function begin(page: Page, name: string): Promise<void> {
  await page.locator('.bar button').click();
  await page.locator('#name').fill(name);
}

/** Creates an app password on the page, in any language; what was copied. */
export async function create(page: Page, name: string): Promise<string> {
  await begin(page, name);
  await page.locator('dialog button[type=submit]').click();
  await page.locator('dialog button.wide').click();
  await page.locator('dialog [role=status] span').waitFor();
  return clipboard(page);
}

/** Hides the page, as another tab does, or shows it again. */
export async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { value: '${isVisible ? 'visible' : 'hidden'}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`,
  );
}

/** What has the focus: what it is called, or else its text. */
export const focused = (page: Page) =>
  page.evaluate<string>(
    '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent)',
  );

/** Signs in on the page, in any language, and waits for the list. */
export async function signIn(page: Page, username = alice): Promise<void> {
  await page.locator('main button.main').click();
  await passSignIn(page, username);
  await page.locator('.bar').waitFor();
}

/** What a person does at the identity provider. */
export async function passSignIn(page: Page, username = alice): Promise<void> {
  await page.getByLabel(username).check();
  await button(page, 'Sign in with second factor').click();
}

/** Has the service tell other settings to the page. */
export async function tellSettings(page: Page, settings: object): Promise<void> {
  await page.route('**/settings.json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), ...settings } });
  });
}

/** Says once, in the place of the service, that the sign-in is too old for a change. */
export async function refuseOldSignIn(page: Page, path: string, method: string): Promise<void> {
  await once(page, path, method, (route) =>
    route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      headers: {
        'www-authenticate':
          'Bearer realm="App Passwords", error="insufficient_user_authentication", max_age="900"',
      },
      body: JSON.stringify({ type: '/problems/insufficient-user-authentication', code: 'AGE' }),
    }),
  );
}

/** Lets the service do it, and loses its answer, once. */
export async function loseAnswer(page: Page, path: string, method: string): Promise<void> {
  await once(page, path, method, async (route) => {
    await route.fetch();
    await route.abort();
  });
}

async function once(page: Page, path: string, method: string, handle: (route: Route) => Promise<void>) {
  let isOver = false;
  await page.route(path, async (route) => {
    if (isOver || route.request().method() !== method) return route.fallback();
    isOver = true;
    await handle(route);
  });
}

/** Holds what is shown to axe's rules, or to some of them. */
export async function checkAccessible(page: Page, state: string, rules?: readonly string[]): Promise<void> {
  await page.evaluate(axe.source);
  const options = JSON.stringify(rules ? { runOnly: rules } : {});
  const violations = await page.evaluate<string[]>(
    `axe.run(${options}).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
  );
  expect.soft(violations, state).toEqual([]);
}

/** How far the page, or a dialog on it, goes beyond the window, in CSS pixels. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate<number>(
    'Math.max(...[document.documentElement, ...document.querySelectorAll("dialog")].map((each) => each.scrollWidth - each.clientWidth))',
  );
}

/** Holds back what is asked for, until it is let go. */
export async function hold(page: Page, url: string): Promise<() => void> {
  let letGo = () => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(url, async (route) => {
    await isFree;
    await route.continue();
  });
  return letGo;
}
