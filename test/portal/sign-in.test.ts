import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Browser, Page, Request, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startIdentityProvider } from '../../local/identity-provider.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { openWindow, pagePort, startBrowser } from '../../testing/browser.ts';
import { read } from '../../testing/files.ts';
import {
  alice,
  bob,
  button,
  checkAccessible,
  heading,
  hold,
  link,
  passSignIn,
} from '../../testing/portal.ts';
import {
  answersInQuery,
  ignoresMaxAge,
  ignoresMaxAge0,
  knowsNoPage,
  refuses,
  refusesMaxAge0,
  type Ways,
  withClaims,
} from '../../testing/providers.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';

let service: Service;
let browser: Browser;
/** What the API takes for the time. */
let clock: WorldClock;
let trouble: string[] = [];
let closing: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  [service, browser] = await Promise.all([startService(), startBrowser()]);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await service.close();
});

beforeEach(() => {
  trouble = [];
});

afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  expect(trouble).toEqual([]);
});

interface Setting {
  /** What the identity provider does otherwise than the local one. */
  readonly ways?: Ways;
  /** Settings of the API in the place of the right ones. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly window?: Parameters<typeof openWindow>[3];
}

/** A page over an identity provider and an API of its own; its authorization requests are noted. */
async function open({ ways = (usual) => usual, settings = {}, window }: Setting = {}) {
  const port = await pagePort();
  const redirectUris = [`http://127.0.0.1:${port}/`];
  const provider = await startIdentityProvider({ port: 0, redirectUris, adjust: ways });
  clock = startWorldClock();
  const { issuer } = provider;
  const host = await service.anotherHost(
    {
      ...clock.settings,
      SIGN_IN_MAX_AGE: '900',
      OIDC_DISCOVERY_URL: `${issuer}/.well-known/openid-configuration`,
      PORTAL_AUTHORITY: issuer,
      TOKEN_ISSUER: issuer,
      ...settings,
    },
    port,
  );
  const { page, context } = await openWindow(browser, host.origin, trouble, window);
  closing.push(() => context.close(), host.stop, provider.close, clock.close);
  const requests: URLSearchParams[] = [];
  context.on('request', (request) => {
    const { origin, pathname, searchParams } = new URL(request.url());
    if (origin === issuer && pathname === '/auth') requests.push(searchParams);
  });
  await page.goto('/');
  return { page, context, requests, issuer };
}

async function openList(setting: Setting = {}, username = alice) {
  const opened = await open(setting);
  await button(opened.page, 'Sign in').click();
  await passSignIn(opened.page, username);
  await opened.page.getByText('of 40 app passwords').waitFor();
  return opened;
}

/** Puts the API's clock ahead, until the page asks for another sign-in. */
function goAhead(page: Page, issuer: string, minutes: number): void {
  clock.advance({ minutes });
  const putRight = (request: Request) => {
    if (!request.url().startsWith(`${issuer}/auth?`)) return;
    page.off('request', putRight);
    clock.advance({ minutes: -minutes });
  };
  page.on('request', putRight);
}

async function passWithoutFactor(page: Page): Promise<void> {
  await page.getByLabel(alice).check();
  await button(page, 'Sign in without second factor').click();
}

async function create(page: Page, name: string): Promise<void> {
  await button(page, 'Create').click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await button(page, 'Next').click();
}

/** Does what leads to the identity provider and, with nothing to do there, back to the page, which loads anew. */
async function thereAndBack(page: Page, act: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForRequest('**/settings.json'), act()]);
}

/** Refuses the token in the place of the API. */
const refuseToken = (route: Route, code = 'EXPIRED') =>
  route.fulfill({ status: 401, json: { type: '/problems/invalid-token', code } });

const typedName = (page: Page) => page.getByLabel('Name', { exact: true }).inputValue();

/** Waits until the page ended in words that have this code for the helpdesk. */
const ended = (page: Page, code: string) =>
  page.getByRole('alert').getByText(`Code for the helpdesk: ${code}`).waitFor();

const without = (name: string) => withClaims((claims) => ({ ...claims, [name]: undefined }));

describe('A token that the API never took ends in words, after one authorization request', () => {
  test.each<[string, string, Setting & { readonly minutes?: number }]>([
    ['of another audience', 'AUDIENCE', { settings: { TOKEN_AUDIENCES: 'api://other' } }],
    ['of another tenant', 'TENANT', { settings: { TENANT_ID: '00000000-0000-4000-8000-000000000000' } }],
    ['of another issuer', 'ISSUER', { settings: { TOKEN_ISSUER: 'https://id.example.com' } }],
    ['whose time has passed when it comes', 'EXPIRED', { minutes: 62 }],
  ])('%s: %s', async (_name, code, { minutes = 0, ...setting }) => {
    const { page, requests } = await open(setting);
    clock.advance({ minutes });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await ended(page, code);
    await heading(page, en.notAcceptedTitle).waitFor();
    expect(requests).toHaveLength(1);
  });

  test('signed by another provider: SIGNATURE', async () => {
    const { OIDC_DISCOVERY_URL = '' } = service.stack.settings;
    const { page, requests } = await open({ settings: { OIDC_DISCOVERY_URL } });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await ended(page, 'SIGNATURE');
    expect(requests).toHaveLength(1);
    await thereAndBack(page, () => button(page, 'Sign in again').click());
    await ended(page, 'SIGNATURE');
    expect(requests).toHaveLength(2);
  });

  test('of no tenant, in Dutch: TENANT', async () => {
    const { page, requests } = await open({ ways: without('tid'), window: { locale: 'nl-NL' } });
    await button(page, nl.signIn).click();
    await passSignIn(page);
    await heading(page, nl.notAcceptedTitle).waitFor();
    await page.getByRole('alert').getByText('Code voor de helpdesk: TENANT').waitFor();
    expect(requests).toHaveLength(1);
    await checkAccessible(page, 'not accepted');
  });
});

test('The README tells of every code', () => {
  const { schemas } = parse(read('openapi.yaml')).components;
  const codes = [schemas.InvalidToken, schemas.InsufficientUserAuthentication].flatMap(
    ({ properties }) => properties.code.enum,
  );
  expect(codes.length).toBeGreaterThan(10);
  const [, table = ''] = read('README.md').split('| code | what to mend |');
  expect([...codes, 'SIGN_IN'].filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
});

describe('A token that the API took', () => {
  test('and takes no longer is renewed by one request, which loses nothing that was typed', async () => {
    const { page, requests, issuer } = await openList();
    goAhead(page, issuer, 62);
    await thereAndBack(page, () => create(page, 'My phone'));
    expect(await typedName(page)).toBe('My phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    expect(requests).toHaveLength(2);
  });

  test('is renewed by one request, however many answers refuse it', async () => {
    const { page, requests, issuer } = await openList({}, bob);
    await create(page, 'Phone');
    await button(page, 'Copy').click();
    await button(page, 'Close').click();
    await link(page, 'Administration').click();
    await page.getByLabel('Username').fill(bob);
    await button(page, 'Find').click();
    await heading(page, bob).waitFor();
    await link(page, 'Activity').click();
    await heading(page, 'Changes').waitFor();
    goAhead(page, issuer, 62);
    await thereAndBack(page, () => link(page, 'Administration').click());
    await heading(page, bob).waitFor();
    expect(requests).toHaveLength(2);
  });

  test('is renewed while the list is read, and what is open stays open', async () => {
    const { page, requests, issuer } = await openList();
    goAhead(page, issuer, 20);
    await create(page, 'My phone');
    await button(page, 'Continue').click();
    const accepted = page.waitForResponse('**/api/activity');
    const isList = (url: URL) => url.pathname === '/api/app-passwords';
    const refuse = async (route: Route) => {
      await accepted;
      await refuseToken(route);
    };
    await page.route(isList, refuse, { times: 1 });
    await passSignIn(page);
    await accepted;
    await page.getByText('of 40 app passwords').waitFor();
    expect(await typedName(page)).toBe('My phone');
    expect(requests).toHaveLength(3);
  });

  test('ends in words when the new one is refused as well, until the person asks for another', async () => {
    const { page, requests } = await openList();
    clock.advance({ minutes: 62 });
    await create(page, 'My phone');
    await ended(page, 'EXPIRED');
    expect(requests).toHaveLength(2);
    clock.advance({ minutes: -62 });
    await thereAndBack(page, () => button(page, 'Sign in again').click());
    expect(await typedName(page)).toBe('My phone');
    expect(requests).toHaveLength(3);
  });

  /** The API takes the token for reading, and for no change. */
  const refuseChanges = (page: Page, code: string) =>
    page.route('**/api/{app-passwords,registration}', (route) =>
      route.request().method() === 'GET' ? route.continue() : refuseToken(route, code),
    );

  test('is renewed once in a row', async () => {
    const { page, requests } = await openList();
    await refuseChanges(page, 'EXPIRED');
    await thereAndBack(page, () => create(page, 'My phone'));
    await button(page, 'Next').click();
    await ended(page, 'EXPIRED');
    expect(requests).toHaveLength(2);
  });

  test('is not renewed where more than its age is wrong', async () => {
    const { page, requests } = await openList();
    await refuseChanges(page, 'TENANT');
    await create(page, 'My phone');
    await ended(page, 'TENANT');
    expect(requests).toHaveLength(1);
  });
});

describe('The clock of a device does not decide', () => {
  test('where it jumps ahead', async () => {
    const { page, requests } = await open();
    await page.addInitScript(() => {
      const right = Date.now;
      let days = 0;
      Date.now = () => right() + 86_400_000 * days++;
    });
    await page.reload();
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByText('of 40 app passwords').waitFor();
    await create(page, 'Phone');
    await button(page, 'Copy').waitFor();
    expect(requests).toHaveLength(1);
  });

  test('where the provider gives a token no time to live', async () => {
    const { page, requests, issuer } = await open();
    await page.route(`${issuer}/token`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), expires_in: 0 } });
    });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByText('of 40 app passwords').waitFor();
    expect(requests).toHaveLength(1);
  });
});

describe('An answer of the provider that brings no token ends in words', () => {
  test.each([
    ['access_denied', errors.AccessDenied],
    ['login_required', errors.LoginRequired],
  ])('with its code: %s', async (code, error) => {
    const { page, requests } = await open({ ways: refuses(error) });
    await button(page, 'Sign in').click();
    await ended(page, code);
    await page.getByText('The sign-in did not work.').waitFor();
    expect(requests).toHaveLength(1);
    expect(new URL(page.url()).hash).toBe('');
  });

  test('where it refuses a step-up, and what was typed is there after the next sign-in', async () => {
    const ways = refuses(errors.AccessDenied, ({ query }) => query.prompt === 'login');
    const { page } = await openList({ ways });
    clock.advance({ minutes: 20 });
    await create(page, 'My phone');
    await button(page, 'Continue').click();
    await ended(page, 'access_denied');
    await button(page, 'Sign in').click();
    expect(await typedName(page)).toBe('My phone');
  });

  test('where the page asked nothing, without a word of it', async () => {
    const { page } = await open();
    await page.goto('/?state=x&error=Call_0900-1234');
    await ended(page, 'SIGN_IN');
    expect(await page.content()).not.toContain('0900');
  });

  test('where the page may not read it, as its origin is not known there', async () => {
    const { page, requests } = await open({ ways: knowsNoPage });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await ended(page, 'SIGN_IN');
    expect(requests).toHaveLength(1);
  });
});

test('An answer in the query is taken as well, and leaves the address', async () => {
  const { page } = await openList({ ways: answersInQuery });
  expect(page.url()).toBe(`${new URL(page.url()).origin}/`);
});

describe('A step-up', () => {
  test.each<[string, Ways]>([
    ['the local provider', (usual) => usual],
    ['one that takes a max_age of 0 for none', ignoresMaxAge0],
    ['one that refuses a max_age of 0', refusesMaxAge0],
    ['one that knows no max_age', ignoresMaxAge],
  ])('completes with %s, for a second factor and for a sign-in that is too old', async (_name, ways) => {
    const { page, requests, issuer } = await open({ ways });
    await button(page, 'Sign in').click();
    await passWithoutFactor(page);
    await page.getByText(en.stepUp.factor).waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await page.getByText('of 40 app passwords').waitFor();
    goAhead(page, issuer, 20);
    await create(page, 'My phone');
    await page.getByText(en.stepUp.age).waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page);
    expect(await typedName(page)).toBe('My phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    const asked = requests.map((request) => ['prompt', 'max_age', 'acr_values'].map((it) => request.get(it)));
    expect(asked).toEqual([
      [null, null, null],
      ['login', '1', 'mfa'],
      ['login', '1', null],
    ]);
  });

  test('with Entra ID asks for the context alone where nothing else is lacking', async () => {
    const { page, requests } = await open({ settings: { MFA_EVIDENCE: 'acrs:c1' } });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await button(page, 'Continue').click();
    await heading(page, en.blockedTitle).waitFor();
    await ended(page, 'FACTOR');
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const [, stepUp] = requests;
    expect([stepUp?.get('claims'), stepUp?.get('prompt'), stepUp?.get('max_age')]).toEqual([
      claims,
      null,
      null,
    ]);
  });

  test('that changes nothing about the age ends in words of its own', async () => {
    const { page } = await openList();
    clock.advance({ minutes: 20 });
    await create(page, 'My phone');
    await button(page, 'Continue').click();
    await passSignIn(page);
    await button(page, 'Next').click();
    await heading(page, en.blockedTitle).waitFor();
    await page.getByRole('alert').getByText(en.blocked.age).waitFor();
    await ended(page, 'AGE');
  });

  test.each([
    ['en-US', en],
    ['nl-NL', nl],
  ])(
    'with a provider that never says when somebody signed in ends in words of its own: %s',
    async (...args) => {
      const [locale, text] = args;
      const { page, requests } = await open({ ways: without('auth_time'), window: { locale } });
      await button(page, text.signIn).click();
      await passSignIn(page);
      await button(page, text.create).click();
      await page.getByLabel(text.name, { exact: true }).fill('My phone');
      await button(page, text.next).click();
      await page.getByText(text.stepUp.authTime, { exact: true }).waitFor();
      await button(page, text.continue).click();
      await passSignIn(page);
      await button(page, text.next).click();
      await heading(page, text.blockedTitle).waitFor();
      await page.getByRole('alert').getByText(text.blocked.authTime).waitFor();
      await page.getByText(text.helpdeskCode('AUTH_TIME')).waitFor();
      expect(requests).toHaveLength(2);
    },
  );

  test('completes with one that says it only where a recent sign-in was asked for', async () => {
    const isAsked = (claims: Record<string, unknown>, { oidc }: KoaContextWithOIDC) =>
      oidc.entities.AuthorizationCode?.claims?.id_token?.auth_time
        ? claims
        : { ...claims, auth_time: undefined };
    const { page } = await openList({ ways: withClaims(isAsked) });
    await create(page, 'My phone');
    await button(page, 'Continue').click();
    await passSignIn(page);
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
  });
});

test('A step-up before anything can be shown is a page, which nothing takes away', async () => {
  const { page } = await open();
  await button(page, 'Sign in').click();
  await passWithoutFactor(page);
  await page.getByRole('heading', { name: en.stepUpTitle, level: 1 }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByText(en.stepUp.factor).waitFor();
  expect(await page.title()).toBe('One more step – App passwords');
  await checkAccessible(page, 'step-up');
});

describe('While somebody waits, the page says for what', () => {
  test('on the way to the provider, to which one way is enough', async () => {
    const { page, requests, issuer } = await open();
    const letGo = await hold(page, `${issuer}/.well-known/openid-configuration`);
    await button(page, 'Sign in').click();
    const busy = button(page, en.loading);
    expect(await busy.getAttribute('aria-busy')).toBe('true');
    await busy.click();
    letGo();
    await passSignIn(page);
    await page.getByText('of 40 app passwords').waitFor();
    expect(requests).toHaveLength(1);
  });

  test('and ends where the provider is away', async () => {
    const { page, issuer } = await open();
    await page.route(`${issuer}/.well-known/openid-configuration`, (route) => route.abort());
    await button(page, 'Sign in').click();
    await ended(page, 'SIGN_IN');
    await button(page, 'Sign in').waitFor();
  });

  test('on the way back from it', async () => {
    const { page, issuer } = await open();
    const letGo = await hold(page, `${issuer}/token`);
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByRole('status').getByText(en.signingIn).waitFor();
    await heading(page, en.intro[0] ?? '').waitFor();
    expect(await button(page, 'Sign in').count()).toBe(0);
    letGo();
    await page.getByText('of 40 app passwords').waitFor();
  });

  test('and ends where the provider never answers', async () => {
    const { page, issuer } = await open();
    await page.route(`${issuer}/token`, () => {});
    await page.clock.install();
    await button(page, 'Sign in').click();
    await passSignIn(page);
    const asked = page.waitForRequest(`${issuer}/token`);
    await asked;
    await page.clock.fastForward(10_000);
    await ended(page, 'SIGN_IN');
    await button(page, 'Sign in').waitFor();
  });
});

/** What each authorization request asked for. */
const prompts = (requests: readonly URLSearchParams[]) => requests.map((each) => each.get('prompt'));

describe('A reload', () => {
  test('signs in by one request that asks nothing, and comes back to where it was', async () => {
    const { page, requests } = await openList();
    await link(page, en.activityTitle).click();
    await heading(page, en.changesTitle).waitFor();
    await thereAndBack(page, () => page.reload().then(() => undefined));
    await heading(page, en.changesTitle).waitFor();
    expect(new URL(page.url()).hash).toBe('#activity');
    expect(prompts(requests)).toEqual([null, 'none']);
    await page.reload();
    await heading(page, en.changesTitle).waitFor();
    expect(prompts(requests)).toEqual([null, 'none', 'none']);
  });

  test('in another tab waits for the person', async () => {
    const { context, requests } = await openList();
    const another = await context.newPage();
    await another.goto('/');
    await button(another, 'Sign in').waitFor();
    await another.reload();
    await button(another, 'Sign in').waitFor();
    expect(requests).toHaveLength(1);
  });

  test('where the provider no longer knows who it is ends at home, without a word and a second try', async () => {
    const { page, context, requests } = await openList();
    await context.clearCookies();
    await page.reload();
    await button(page, 'Sign in').waitFor();
    await heading(page, en.intro[0] ?? '').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await button(page, 'Sign in').waitFor();
    expect(prompts(requests)).toEqual([null, 'none']);
  });

  test('after a sign-out waits for the person', async () => {
    const { page, requests } = await openList();
    await signOut(page);
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await page.goto('/');
    await button(page, 'Sign in').waitFor();
    await page.reload();
    await button(page, 'Sign in').waitFor();
    expect(requests).toHaveLength(1);
  });

  test('after an error waits for the person', async () => {
    const ways = refuses(errors.AccessDenied, ({ query }) => query.prompt === 'login');
    const { page, requests } = await openList({ ways });
    clock.advance({ minutes: 20 });
    await create(page, 'My phone');
    await button(page, 'Continue').click();
    await ended(page, 'access_denied');
    await page.reload();
    await button(page, 'Sign in').waitFor();
    expect(prompts(requests)).toEqual([null, 'login']);
  });

  test('that cannot reach the provider says so, and tries no second time', async () => {
    const { page, requests, issuer } = await openList();
    await page.route(`${issuer}/.well-known/openid-configuration`, (route) => route.abort());
    await page.reload();
    await ended(page, 'SIGN_IN');
    await page.unroute(`${issuer}/.well-known/openid-configuration`);
    await page.reload();
    await button(page, 'Sign in').waitFor();
    expect(requests).toHaveLength(1);
  });
});

async function signOut(page: Page): Promise<void> {
  await button(page, en.account).click();
  await button(page, en.signOut).click();
}

describe('A sign-out', () => {
  test('ends the sign-in at the provider too', async () => {
    const { page, requests } = await openList();
    await signOut(page);
    await page.getByText('Sign out of the local stand-in').waitFor();
    await button(page, 'Sign out').click();
    await button(page, 'Sign in').click();
    // Who is known is not asked.
    await page.getByLabel(alice).waitFor();
    expect(requests).toHaveLength(2);
  });

  test('where the provider has no place for its end is said at home, and nothing of the list stays', async () => {
    const ways: Ways = ({ features, ...usual }) => ({
      ...usual,
      features: { ...features, rpInitiatedLogout: { enabled: false } },
    });
    const { page, requests } = await openList({ ways });
    await create(page, 'My phone');
    await button(page, 'Copy').click();
    await button(page, 'Close').click();
    await link(page, en.activityTitle).click();
    await page.getByText('“My phone” created').first().waitFor();
    await signOut(page);
    await page.getByRole('status').getByText(en.signedOut).waitFor();
    await button(page, 'Sign in').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe(en.intro[0]);
    expect(await page.content()).not.toMatch(/My phone|alice/);
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.reload();
    await button(page, 'Sign in').waitFor();
    expect(requests).toHaveLength(1);
  });
});

describe('Towards another origin the browser holds the page', () => {
  test('to what the provider lets it read (CORS)', async () => {
    const { page, issuer } = await open();
    const ask = (path: string) =>
      page.evaluate<string>(`fetch('${issuer}${path}').then(({ status }) => status, ({ name }) => name)`);
    expect(await ask('/.well-known/openid-configuration')).toBe(200);
    expect(await ask('/interaction/none')).toBe('TypeError');
  });

  test('to its policy, whatever they would let it read', async () => {
    const { page } = await open();
    const reached: string[] = [];
    const other = createServer((request, response) => {
      reached.push(request.url ?? '');
      response.setHeader('access-control-allow-origin', '*').end();
    });
    await once(other.listen(0, '127.0.0.1'), 'listening');
    closing.push(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const violated = page.evaluate<string>(
      'new Promise((resolve) => addEventListener("securitypolicyviolation", (it) => resolve(it.effectiveDirective)))',
    );
    expect(
      await page.evaluate(`fetch('http://127.0.0.1:${port}/').then(() => 'read', ({ name }) => name)`),
    ).toBe('TypeError');
    expect(await violated).toBe('connect-src');
    expect(reached).toEqual([]);
    expect(trouble.splice(0).join()).toContain('Content Security Policy');
  });
});
