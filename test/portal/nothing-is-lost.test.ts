import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  begin,
  bob,
  button,
  clipboard,
  create,
  entry,
  heading,
  loseAnswer,
  portal,
  signIn,
} from '../../testing/portal.ts';

const { origin, open, openList, make, verify, names, only } = portal();

/** Holds the create back until it is let go. */
async function hold(page: Page): Promise<() => void> {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/api/{app-passwords,registration}', async (route) => {
    if (route.request().method() !== 'GET') await gate;
    await route.continue();
  });
  return letGo;
}

const question = (page: Page) => page.getByRole('alert').getByText(en.closeUncopied);
const notice = (page: Page) => page.getByRole('alert').getByText(en.leftBehind('Phone'));

describe('Somebody who wants to leave while it is being made', () => {
  test.each(['Cancel', 'Escape'])('by %s is asked to wait, and then has the password', async (way) => {
    const page = await openList();
    const letGo = await hold(page);
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await button(page, 'One moment …').waitFor();
    if (way === 'Escape') {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    } else await button(page, 'Cancel').click();
    await page.getByRole('status').getByText(en.stillMaking).waitFor();
    letGo();
    await button(page, 'Copy').click();
    expect(await verify(await clipboard(page))).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    expect(await names()).toEqual(['Phone']);
  });

  test('by a reload is asked by the browser, and finds it afterwards', async () => {
    await make('Phone');
    const page = await openList();
    let answer = () => {};
    const gone = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/app-passwords', async (route) => {
      if (route.request().method() === 'GET') return route.fallback();
      await route.fetch();
      await gone;
      await route.abort();
    });
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await expect.poll(names).toEqual(['Phone', 'Phone']);
    const asked = page.waitForEvent('dialog');
    await page.evaluate('setTimeout(() => location.reload())');
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
    await notice(page).waitFor();
    answer();
    await page.getByText('2 of 40').waitFor();
  });
});

describe('A password that was not copied', () => {
  test('is not closed by Escape, however often, and only after a question', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    await page.keyboard.press('Escape');
    await question(page).waitFor();
    for (let times = 0; times < 4; times++) {
      await page.keyboard.press('Escape');
      expect(await page.locator('.password').isVisible()).toBe(true);
    }
    await button(page, 'Go back').click();
    expect(await question(page).count()).toBe(0);
    await button(page, 'Close').click();
    await button(page, 'Close anyway').click();
    await page.getByText('1 of 40').waitFor();
    expect(await notice(page).count()).toBe(0);
    expect(await page.evaluate<string | null>('sessionStorage.getItem("creating")')).toBeNull();
  });

  test.each([
    ['a reload', 'location.reload()'],
    ['the way back', 'history.back()'],
    ['a link', 'location.assign("/?other")'],
  ])('is kept from %s by the question of the browser, until it is copied', async (_, leave) => {
    const page = await openList();
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    const password = await page.locator('.password').textContent();
    const asked = page.waitForEvent('dialog');
    await page.evaluate(`setTimeout(() => ${leave})`);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await page.locator('.password').textContent()).toBe(password);
    await button(page, 'Copy').click();
    await button(page, 'Copied').waitFor();
    const gone = page.waitForEvent('framenavigated');
    await page.evaluate(`setTimeout(() => ${leave})`);
    await gone;
  });

  test('is kept from the closing of the tab', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').waitFor();
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await page.locator('.password').isVisible()).toBe(true);
  });

  /** Makes one, and leaves without a copy of it, whatever the browser asks. */
  async function leave(page: Page): Promise<string> {
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    const password = await page.locator('.password').textContent();
    page.once('dialog', (dialog) => dialog.accept());
    await page.reload();
    await notice(page).waitFor();
    return password ?? '';
  }

  test('and was left anyway is offered for deletion to who comes back', async () => {
    const page = await openList();
    const password = await leave(page);
    await page.getByText(en.leftBehind('Phone')).waitFor();
    await button(page, 'Delete').click();
    await button(page, 'Cancel').click();
    await notice(page).waitFor();
    await button(page, 'Delete').click();
    await button(page, 'Yes').click();
    await page.locator('dialog').getByText(en.deleted('Phone')).waitFor();
    await button(page, 'Close').click();
    await page.getByText('0 of 40').waitFor();
    expect(await notice(page).count()).toBe(0);
    expect(await verify(password)).toBe(401);
  });

  test('or is kept, and not asked about again', async () => {
    const page = await openList();
    const password = await leave(page);
    await button(page, 'Keep it').click();
    await notice(page).waitFor({ state: 'detached' });
    await page.reload();
    await entry(page, 'Phone').waitFor();
    expect(await notice(page).count()).toBe(0);
    expect(await verify(password)).toBe(200);
  });

  test('is not asked about where the device has it: it was typed, and signed in', async () => {
    const page = await openList();
    const password = await leave(page);
    expect(await verify(password)).toBe(200);
    await expect.poll(async () => (await only()).lastUsed, { timeout: 10_000 }).not.toBeNull();
    await page.reload();
    await entry(page, 'Phone').waitFor();
    expect(await notice(page).count()).toBe(0);
  });
});

describe('Trouble with the network', () => {
  test('in the middle of a create leaves one password, the one that is shown after "Try again"', async () => {
    await make('Another');
    const page = await openList();
    await loseAnswer(page, '**/api/app-passwords', 'POST');
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await page.getByRole('alert').getByText(en.faultUnknown).waitFor();
    await button(page, 'Try again').click();
    await button(page, 'Copy').click();
    expect(await verify(await clipboard(page))).toBe(200);
    expect(await names()).toEqual(['Phone', 'Another']);
  });

  test('in the middle of the very first one leaves one password as well', async () => {
    const page = await open();
    await signIn(page, bob);
    await page.getByText('0 of 40').waitFor();
    await loseAnswer(page, '**/api/registration', 'PUT');
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await page.getByText(en.faultUnknown).waitFor();
    await button(page, 'Try again').click();
    await button(page, 'Copy').click();
    expect(await verify(await clipboard(page), {}, bob)).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
  });

  test('after which nobody tries again leaves one that is offered for deletion', async () => {
    const page = await openList();
    await make('Another');
    await loseAnswer(page, '**/api/app-passwords', 'POST');
    await page.reload();
    await page.getByText('1 of 40').waitFor();
    await begin(page, 'Phone');
    await button(page, 'Next').click();
    await page.getByText(en.faultUnknown).waitFor();
    await button(page, 'Cancel').click();
    await page.getByText('2 of 40').waitFor();
    await page.getByText(en.leftBehind('Phone')).waitFor();
  });

  test('that cuts the person off is named, and loses nothing that was typed', async () => {
    const page = await openList();
    await begin(page, 'Phone');
    await page.context().setOffline(true);
    await button(page, 'Next').click();
    await page.getByRole('alert').getByText(en.offline).waitFor();
    await page.context().setOffline(false);
    expect(await page.locator('#name').inputValue()).toBe('Phone');
    await button(page, 'Try again').click();
    await button(page, 'Copy').waitFor();
  });

  test('while the list loads is named, with a way to try again', async () => {
    const page = await open();
    await page.route('**/api/app-passwords', (route) => route.abort(), { times: 1 });
    await page.locator('main button.main').click();
    await page.getByLabel('alice@example.com').check();
    await button(page, 'Sign in with second factor').click();
    await page.getByRole('alert').getByText(en.fault).waitFor();
    await button(page, 'Try again').click();
    await page.getByText('0 of 40').waitFor();
  });
});

test('No secret is kept in storage, address, title or history', async () => {
  const page = await openList();
  const keeps = () =>
    page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.title, history.state, document.cookie])',
    );
  const password = await create(page, 'Phone');
  await heading(page, 'Your first app password').waitFor();
  expect(await keeps()).not.toContain(password);
  await button(page, 'Close').click();
  await page.getByText('1 of 40').waitFor();
  expect(await keeps()).toBe(
    JSON.stringify([{}, { 'signed-in': '' }, `${origin()}/`, 'Your app passwords – App passwords', null, '']),
  );
  expect(await page.content()).not.toContain(password);
  await begin(page, 'Laptop');
  await button(page, 'Next').click();
  const uncopied = (await page.locator('.password').textContent()) ?? '';
  const [local, tab, ...others] = JSON.parse(await keeps());
  const { creating, ...rest } = tab;
  expect([local, rest, ...others.slice(2)]).toEqual([{}, { 'signed-in': '' }, null, '']);
  expect(Object.keys(JSON.parse(creating)).sort()).toEqual(['id', 'name', 'since']);
  expect(JSON.stringify([creating, others])).not.toContain(uncopied);
});
