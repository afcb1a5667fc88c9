import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { button, entry, focused, heading, portal, refuseOldSignIn } from '../../testing/portal.ts';

const { openList, make, verify, names, age, setPolicy } = portal();

/** Presses Tab until the focus is on what is called so. */
async function reach(page: Page, name: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No Tab leads to ${name}.`);
}

async function press(page: Page, name: string): Promise<void> {
  await reach(page, name);
  await page.keyboard.press('Enter');
}

test('By the keyboard alone one is made, copied, looked at, renamed and deleted', async () => {
  const page = await openList();
  await press(page, en.create);
  await heading(page, en.createTitle).waitFor();
  await page.keyboard.press('Space');
  const device = page.getByRole('radio', { name: en.devices.iphone.tile });
  expect(await device.isChecked()).toBe(true);
  await page.keyboard.press('ArrowRight');
  expect(await page.locator('#name').inputValue()).toBe(en.devices.android.name);
  await press(page, en.next);
  await button(page, en.copy).waitFor();
  await press(page, en.copy);
  await page.getByRole('status').getByText(en.copied).waitFor();
  const password = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(await verify(password)).toBe(200);
  await press(page, en.close);
  const name = en.devices.android.name;
  await entry(page, name).waitFor();
  await expect.poll(() => focused(page)).toBe(en.create);
  await press(page, en.detailsOf(name));
  await press(page, en.renameOf(name));
  await reach(page, '');
  await page.keyboard.press('End');
  await page.keyboard.type(' 1');
  await page.keyboard.press('Enter');
  await entry(page, `${name} 1`).waitFor();
  await expect.poll(() => focused(page)).toBe(en.renameOf(`${name} 1`));
  await press(page, en.deleteOf(`${name} 1`));
  await press(page, en.yes);
  await page
    .locator('dialog')
    .getByText(en.deleted(`${name} 1`))
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByText(en.used(0, 40)).waitFor();
  await expect.poll(() => focused(page)).toBe(en.create);
  expect(await names()).toEqual([]);
});

test('The account menu opens and closes by the keyboard, and gives the focus back', async () => {
  const page = await openList();
  await press(page, en.account);
  expect(await button(page, en.account).getAttribute('aria-expanded')).toBe('true');
  await page.keyboard.press('Tab');
  expect(await page.evaluate<string>('document.activeElement.id')).toBe('language');
  await page.keyboard.press('Escape');
  expect(await button(page, en.account).getAttribute('aria-expanded')).toBe('false');
  await expect.poll(() => focused(page)).toBe(en.account);
  await page.keyboard.press('Enter');
  await reach(page, en.signOut);
  await page.keyboard.press('Tab');
  expect(await page.locator('#language').isVisible()).toBe(false);
});

describe('The focus', () => {
  test('goes with the views, whose heading and title it is that is read', async () => {
    const page = await openList();
    for (const [hash, title] of [
      ['#activity', en.activityTitle],
      ['#need', en.needTitle],
      ['#lost', en.lostTitle],
      ['#list', en.listTitle],
    ] as const) {
      await page.locator(`nav a[href="${hash}"]`).click();
      await heading(page, title).waitFor();
      await expect.poll(() => focused(page)).toBe(title);
      expect(await page.title()).toBe(`${title} – ${en.title}`);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      expect(await page.locator('nav [aria-current=page]').getAttribute('href')).toBe(hash);
    }
  });

  test('is on what comes next after each action, never nowhere', async () => {
    const { id } = await make('Idle');
    await make('Phone');
    await age(id, 100);
    await setPolicy({ idleDays: 90 });
    const page = await openList();
    const body = () => page.evaluate<boolean>('document.activeElement === document.body');
    await button(page, en.detailsOf('Idle')).click();
    await button(page, en.reviveOf('Idle')).click();
    await expect.poll(() => focused(page)).toBe(en.cancel);
    await button(page, en.revive).click();
    await page.locator('dialog').getByText(en.revived('Idle')).waitFor();
    await expect.poll(() => focused(page)).toBe(en.close);
    await button(page, en.close).click();
    await expect.poll(() => focused(page)).toBe(en.detailsOf('Idle'));
    await button(page, en.deleteOf('Phone')).click();
    await refuseOldSignIn(page, '**/api/app-passwords/*', 'DELETE');
    await button(page, en.yes).click();
    await heading(page, en.stepUpTitle).waitFor();
    expect(await body()).toBe(false);
    await page.keyboard.press('Escape');
    await heading(page, en.deleteQuestion('Phone')).waitFor();
    await expect.poll(() => focused(page)).toBe(en.cancel);
  });

  test('is on the password, once there is one', async () => {
    const page = await openList();
    await button(page, en.create).click();
    await page.getByRole('radio', { name: en.devices.mac.tile }).check();
    await button(page, en.next).click();
    await button(page, en.copy).waitFor();
    expect(
      await page.evaluate<boolean>('document.querySelector("dialog").contains(document.activeElement)'),
    ).toBe(true);
    await page.getByRole('dialog', { name: en.firstPassword }).waitFor();
  });
});

test('In forced colours, rows, badges, the password and what deletes stand out', async () => {
  await make('Phone');
  await make('Laptop');
  const page = await openList({ forcedColors: 'active' });
  const border = (selector: string) =>
    page.evaluate<{ width: number; style: string; color: string; paper: string }>(
      `(({ borderTopWidth, borderTopStyle, borderTopColor }) => ({
        width: parseFloat(borderTopWidth), style: borderTopStyle, color: borderTopColor,
        paper: getComputedStyle(document.documentElement).backgroundColor,
      }))(getComputedStyle(document.querySelector('${selector}')))`,
    );
  const isSeen = async (selector: string) => {
    const { width, style, color, paper } = await border(selector);
    expect(width, selector).toBeGreaterThanOrEqual(1);
    expect(style, selector).toBe('solid');
    expect(color, selector).not.toBe(paper);
    return width;
  };
  for (const selector of ['.entries li', '.badge', '.entries button', '.bar button']) await isSeen(selector);
  await button(page, en.deleteOf('Phone')).click();
  expect(await isSeen('button.danger')).toBeGreaterThan(await isSeen('dialog button:not(.danger)'));
  await button(page, en.cancel).click();
  await button(page, en.create).click();
  await page.getByRole('radio', { name: en.devices.mac.tile }).check();
  expect(await isSeen('.tiles .chosen')).toBeGreaterThan(await isSeen('.tiles label:not(.chosen)'));
  await button(page, en.next).click();
  await page.locator('.password').waitFor();
  await isSeen('.password');
  await button(page, en.close).click();
  await page.locator('.alert').waitFor();
  await isSeen('.alert');
});

test('Nothing moves for who wants nothing to move', async () => {
  const page = await openList({ reducedMotion: 'reduce' });
  await button(page, en.create).click();
  expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
});
