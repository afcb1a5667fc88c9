import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as de } from '../../portal/text/languages/de.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import {
  alice,
  button,
  checkAccessible,
  heading,
  hold,
  link,
  passSignIn,
  phone,
  portal,
  sideways,
  tellSettings,
} from '../../testing/portal.ts';

const { open, openList, make, setPolicy } = portal();

/** The page, loaded anew after what is prepared for it. */
async function openAfter(
  prepare: (page: Page) => Promise<unknown>,
  options?: Parameters<typeof open>[0],
): Promise<Page> {
  const page = await open(options);
  await prepare(page);
  await page.reload({ waitUntil: 'commit' });
  return page;
}

const [first = ''] = en.intro;
const menu = (page: Page) => page.locator('.menu');
const background = (page: Page) =>
  page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
const paper = { light: 'rgb(245, 246, 249)', dark: 'rgb(20, 22, 27)' };

describe('The first words are there', () => {
  test('where no script runs, in each language, and with help for who waits in vain', async () => {
    const page = await open({ javaScriptEnabled: false });
    for (const text of [en, nl, de])
      expect(await page.locator('main').textContent()).toContain(text.intro[0]);
    const help = page.getByText('This browser may be too old or the connection slow.');
    expect(await help.isVisible()).toBe(false);
    await help.waitFor();
  });

  test('before any script has come', async () => {
    let letGo = () => {};
    const page = await openAfter(async (coming) => {
      letGo = await hold(coming, '**/*.js');
    });
    await page.getByText(first).waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    letGo();
    await button(page, 'Sign in').waitFor();
    expect(await page.getByText(nl.intro[0] ?? '').count()).toBe(0);
  });

  test('before the settings have come, and a wait is called one', async () => {
    let letGo = () => {};
    const page = await openAfter(async (coming) => {
      letGo = await hold(coming, '**/settings.json');
    });
    await heading(page, first).waitFor();
    await page.getByRole('status').getByText(en.loading).waitFor();
    await link(page, en.lostLink).first().click();
    await heading(page, en.lostTitle).waitFor();
    await page.goBack();
    letGo();
    await button(page, 'Sign in').waitFor();
  });

  test('where the settings never come, and the wait ends', async () => {
    const page = await openAfter(async (coming) => {
      await coming.clock.install();
      await coming.route('**/settings.json', () => {});
    });
    await page.getByRole('status').getByText(en.loading).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.clock.fastForward(10_000);
    await page.getByRole('alert').getByText(en.fault).waitFor();
    await heading(page, first).waitFor();
    await page.unroute('**/settings.json');
    await button(page, en.tryAgain).click();
    await button(page, 'Sign in').waitFor();
  });

  test('where the service is away', async () => {
    const page = await openAfter((coming) =>
      coming.route('**/settings.json', (route) => route.fulfill({ status: 503 })),
    );
    await page.getByRole('alert').getByText(en.fault).waitFor();
    await button(page, en.tryAgain).waitFor();
  });
});

describe('Whose page this is', () => {
  test('is said by the settings: organization, logo and helpdesk', async () => {
    const page = await openAfter(async (coming) => {
      const index = await (await coming.request.get('/')).text();
      const [logo] = /\/assets\/icon[^"]+/.exec(index) ?? [];
      const support = 'https://help.example.com/mail';
      await tellSettings(coming, { organization: 'Example University', logo, support });
    });
    await page.getByRole('banner').getByText('Example University').waitFor();
    const image = page.getByRole('banner').locator('img');
    await expect.poll(() => image.evaluate((it) => it.naturalWidth)).toBeGreaterThan(0);
    expect(await link(page, en.support).getAttribute('href')).toBe('https://help.example.com/mail');
    await page.setViewportSize({ width: 320, height: 380 });
    expect(await sideways(page)).toBe(0);
    await checkAccessible(page, 'organization');
  });

  test('is not said where no settings say it', async () => {
    const page = await openAfter((coming) =>
      tellSettings(coming, { organization: null, logo: null, support: null }),
    );
    await button(page, 'Sign in').waitFor();
    expect(await page.getByRole('banner').locator('.brand').textContent()).toBe(en.title);
    expect(await page.locator('img').count()).toBe(0);
    expect(await link(page, en.support).count()).toBe(0);
  });
});

describe('The theme', () => {
  test('is that of the device, as long as nobody chooses another', async () => {
    const page = await open({ colorScheme: 'dark' });
    await heading(page, first).waitFor();
    expect(await background(page)).toBe(paper.dark);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background(page)).toBe(paper.light);
  });

  test('is the one that is chosen, also at the next visit, until the device decides again', async () => {
    const page = await open({ colorScheme: 'dark' });
    await button(page, en.account).click();
    const choice = page.getByLabel(en.theme);
    expect(await choice.inputValue()).toBe('system');
    await choice.selectOption(en.themes.light);
    expect(await background(page)).toBe(paper.light);
    const next = await page.context().newPage();
    await next.goto('/');
    await heading(next, first).waitFor();
    expect(await background(next)).toBe(paper.light);
    await next.emulateMedia({ colorScheme: 'light' });
    await button(next, en.account).click();
    await next.getByLabel(en.theme).selectOption(en.themes.dark);
    expect(await background(next)).toBe(paper.dark);
    await next.reload();
    await heading(next, first).waitFor();
    expect(await background(next)).toBe(paper.dark);
    await button(next, en.account).click();
    await next.getByLabel(en.theme).selectOption(en.themes.system);
    expect(await background(next)).toBe(paper.light);
    expect(await next.evaluate('localStorage.getItem("theme")')).toBeNull();
  });
});

describe('The account menu', () => {
  test('is closed by Escape, and the focus returns', async () => {
    const page = await open();
    const opener = button(page, en.account);
    await opener.click();
    expect(await opener.getAttribute('aria-expanded')).toBe('true');
    await page.getByLabel(en.theme).focus();
    await page.keyboard.press('Escape');
    await menu(page).waitFor({ state: 'hidden' });
    expect(await opener.getAttribute('aria-expanded')).toBe('false');
    expect(await opener.evaluate((it) => it === it.ownerDocument.activeElement)).toBe(true);
  });

  test('is closed by a click elsewhere, by its button, and where the focus goes on', async () => {
    const page = await open();
    const opener = button(page, en.account);
    await opener.click();
    await heading(page, first).click();
    await menu(page).waitFor({ state: 'hidden' });
    await opener.click();
    await menu(page).waitFor();
    await opener.click();
    await menu(page).waitFor({ state: 'hidden' });
    await opener.press('Enter');
    await menu(page).waitFor();
    // Language, theme, and what comes after the menu.
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    await menu(page).waitFor({ state: 'hidden' });
  });

  test('says who is signed in', async () => {
    const page = await openList();
    await button(page, en.account).click();
    await menu(page).getByText(en.signedInAs(alice)).waitFor();
    await checkAccessible(page, 'menu');
  });
});

test('The language that is chosen is there at the next visit, each as it calls itself', async () => {
  const page = await open();
  await button(page, en.account).click();
  const choice = page.getByLabel(en.language, { exact: true });
  expect(await choice.locator('option').allTextContents()).toEqual(['Deutsch', 'English', 'Nederlands']);
  await choice.selectOption('Deutsch');
  await heading(page, de.intro[0] ?? '').waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('de');
  expect(await page.title()).toBe(de.title);
  const next = await page.context().newPage();
  await next.goto('/');
  await heading(next, de.intro[0] ?? '').waitFor();
  expect(await next.evaluate('document.documentElement.dir')).toBe('ltr');
});

test.each([
  ['en-GB', en],
  ['nl-BE', nl],
  ['de-AT', de],
  ['fr-FR', en],
])('The first language of the browser that the page has is its own: %s', async (locale, text) => {
  const page = await open({ locale });
  await button(page, text.signIn).waitFor();
});

test('A browser that keeps no data for the page says so, and does no other harm', async () => {
  const page = await openAfter(
    (coming) =>
      coming.addInitScript(() => {
        for (const storage of ['localStorage', 'sessionStorage'])
          Object.defineProperty(globalThis, storage, {
            get: () => {
              throw new DOMException('Access is denied for this document.', 'SecurityError');
            },
          });
      }),
    { locale: 'nl-NL' },
  );
  await page.getByRole('alert').getByText(nl.noStorage).waitFor();
  expect(await button(page, nl.signIn).count()).toBe(0);
  await button(page, nl.account).click();
  await page.getByLabel(nl.theme).selectOption(nl.themes.dark);
  expect(await background(page)).toBe(paper.dark);
  await page.getByLabel(nl.language, { exact: true }).selectOption('en');
  await page.getByRole('alert').getByText(en.noStorage).waitFor();
  await link(page, en.needTitle).click();
  await heading(page, en.needTitle).waitFor();
});

describe('Do I need one?', () => {
  const questions = ['personal', 'work', 'azure', 'unsure'] as const;
  const isHere = { personal: 'here', work: 'here', azure: 'here', unsure: 'here' };
  const security = 'https://id.example.com/security';
  const links = { factor: `${security}/factor`, authenticator: `${security}/app`, factorLost: null };

  test.each([
    ['all here', isHere],
    ['a personal account elsewhere', { ...isHere, personal: 'https://account.example.com/passwords' }],
    ['work elsewhere', { ...isHere, work: 'https://account.example.com/work' }],
  ])('asks the four questions in order, each with the answer of the settings: %s', async (_, places) => {
    const page = await openAfter((coming) => tellSettings(coming, { links: { ...links, ...places } }));
    await link(page, en.needTitle).click();
    await heading(page, en.needTitle).waitFor();
    await expect.poll(() => page.title()).toBe(`${en.needTitle} – ${en.title}`);
    const items = page.locator('ol li');
    expect(await items.locator('p').allTextContents()).toEqual(questions.map((it) => en.needQuestions[it]));
    const answers = await items
      .locator('a')
      .evaluateAll((all) => all.map((it) => [it.getAttribute('href'), it.textContent]));
    expect(answers).toEqual(
      questions.map((it) =>
        places[it] === 'here' ? ['#list', en.needHere] : [places[it], en.needElsewhere],
      ),
    );
    expect(await link(page, en.needNext.factor).getAttribute('href')).toBe(`${security}/factor`);
    expect(await link(page, en.needNext.authenticator).getAttribute('href')).toBe(`${security}/app`);
  });

  test('leads to the sign-in, and on to the list', async () => {
    const page = await openAfter((coming) => tellSettings(coming, { links: { ...links, ...isHere } }));
    await link(page, en.needTitle).click();
    await link(page, en.needHere).first().click();
    await heading(page, first).waitFor();
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await heading(page, en.listTitle).waitFor();
  });
});

describe('Who lost a device', () => {
  test('comes back there from the sign-in', async () => {
    await make('iPhone');
    const page = await open();
    await link(page, en.lostTitle).click();
    await heading(page, en.lostTitle).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(en.lostTitle);
    await button(page, en.lostSignIn).click();
    await passSignIn(page);
    await heading(page, en.lostWhich).waitFor();
    await button(page, 'Delete iPhone').waitFor();
    expect(new URL(page.url()).hash).toBe('#lost');
  });

  const support = 'mailto:help@example.com';
  const factorLost = 'https://id.example.com/recover';

  test.each<[string, object, string, string]>([
    ['where there is one', { support, links: { factorLost } }, en.lostFactorLink, factorLost],
    ['and else to the helpdesk', { support, links: { factorLost: null } }, en.support, support],
  ])('is led to a place for a lost second factor, %s', async (_, settings, name, target) => {
    const page = await openAfter((coming) => tellSettings(coming, settings));
    await page.goto('/#lost');
    const place = page.locator(`h2:has-text("${en.lostFactorTitle}") ~ p`).getByRole('link', { name });
    await place.waitFor();
    expect(await place.getAttribute('href')).toBe(target);
    await button(page, en.lostSignIn).click();
    await passSignIn(page);
    await heading(page, en.lostWhich).waitFor();
    expect(await place.getAttribute('href')).toBe(target);
  });
});

describe('“Try again” is offered', () => {
  const refuse = (page: Page, status: number, type: string) =>
    page.route('**/api/app-passwords', (route) =>
      route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ type }) }),
    );
  const openRefused = async (status: number, type: string) => {
    const page = await open();
    await refuse(page, status, type);
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.getByRole('alert').waitFor();
    return page;
  };

  test.each([
    ['forbidden', en.problems.forbidden],
    ['insufficient-scope', en.problems['insufficient-scope']],
    ['unheard-of', en.otherProblem],
  ])('for no list that is refused for good: %s', async (slug, words) => {
    const page = await openRefused(403, `/problems/${slug}`);
    expect(await page.getByRole('alert').textContent()).toBe(words);
    expect(await button(page, en.tryAgain).count()).toBe(0);
  });

  test.each([
    [503, 'storage-unavailable'],
    [429, 'too-many-requests'],
  ])('for one that may come later: %i', async (status, slug) => {
    const page = await openRefused(status, `/problems/${slug}`);
    await page.unroute('**/api/app-passwords');
    await button(page, en.tryAgain).click();
    await page.getByText('of 40 app passwords').waitFor();
  });

  test('for no change that is refused for good, and nothing is left to do but to leave', async () => {
    const page = await openList();
    await button(page, en.create).click();
    await page.getByLabel(en.name, { exact: true }).fill('Phone');
    await setPolicy({ creation: 'nobody' });
    await button(page, en.next).click();
    await page.getByRole('dialog').getByText('does not allow new app passwords').waitFor();
    const left = await page.getByRole('dialog').locator('.actions button').allTextContents();
    expect(left).toEqual([en.cancel]);
  });
});

test.each([
  ['en-US', en],
  ['nl-NL', nl],
  ['de-DE', de],
])(
  'Who is not signed in reads all of it on a small phone, and axe objects to nothing: %s',
  async (locale, text) => {
    const page = await open({
      ...phone,
      viewport: { width: 320, height: 380 },
      locale,
      reducedMotion: 'reduce',
    });
    for (const theme of ['light', 'dark'] as const) {
      const check = async (state: string) => {
        await checkAccessible(page, `${state}, ${theme}`);
        expect(await sideways(page), state).toBe(0);
      };
      await button(page, text.account).click();
      await page.getByLabel(text.theme).selectOption(text.themes[theme]);
      await check('menu');
      await page.keyboard.press('Escape');
      await check('home');
      await link(page, text.needTitle).click();
      await heading(page, text.needTitle).waitFor();
      await check('need');
      await page.goBack();
      await link(page, text.lostTitle).click();
      await heading(page, text.lostTitle).waitFor();
      await check('lost');
      await page.goBack();
      await heading(page, text.intro[0] ?? '').waitFor();
    }
  },
);
