import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  alice,
  begin,
  button,
  clipboard,
  heading,
  passSignIn,
  portal,
  refuseOldSignIn,
} from '../../testing/portal.ts';

const { open, openList, verify } = portal();

async function passWithoutFactor(page: Page): Promise<void> {
  await page.getByLabel(alice).check();
  await button(page, 'Sign in without second factor').click();
}

describe('The second step', () => {
  test('is explained, and leads back', async () => {
    const page = await open();
    await button(page, en.signIn).click();
    await passWithoutFactor(page);
    await heading(page, en.stepUpTitle).waitFor();
    await page.getByText(en.stepUp.factor).waitFor();
    await button(page, en.continue).click();
    await passSignIn(page);
    await page.getByText('0 of 40').waitFor();
  });

  test('that the organization does not ask for ends on a page that says so', async () => {
    const page = await open();
    await button(page, en.signIn).click();
    await passWithoutFactor(page);
    await button(page, en.continue).click();
    await passWithoutFactor(page);
    await heading(page, en.blockedTitle).waitFor();
    await page.getByRole('alert').getByText(en.blocked.factor).waitFor();
  });

  test('because of an old sign-in keeps what was typed, also for who goes on without it', async () => {
    const page = await openList();
    const typed = () => page.locator('#name').inputValue();
    await refuseOldSignIn(page, '**/api/registration', 'PUT');
    await begin(page, 'My phone');
    await button(page, 'Next').click();
    await page.getByText(en.stepUp.age).waitFor();
    await page.keyboard.press('Escape');
    await heading(page, en.createTitle).waitFor();
    expect(await typed()).toBe('My phone');
    expect(await heading(page, en.stepUpTitle).count()).toBe(0);
    await refuseOldSignIn(page, '**/api/registration', 'PUT');
    await button(page, 'Next').click();
    await button(page, en.continue).click();
    await passSignIn(page);
    await heading(page, en.createTitle).waitFor();
    expect(await typed()).toBe('My phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    expect(await verify(await clipboard(page))).toBe(200);
  });

  test('keeps the device and the options that were chosen', async () => {
    const page = await openList();
    await refuseOldSignIn(page, '**/api/registration', 'PUT');
    await button(page, 'Create').click();
    await page.getByRole('radio', { name: en.devices.printer.tile }).check();
    await page.getByText(en.moreOptions).click();
    await page.getByLabel(en.lifetime).selectOption(en.inDays(365));
    await page.getByLabel('IMAP').uncheck();
    await button(page, 'Next').click();
    await button(page, en.continue).click();
    await passSignIn(page);
    await heading(page, en.createTitle).waitFor();
    expect(await page.locator('#name').inputValue()).toBe('Printer');
    expect(await page.getByRole('radio', { name: en.devices.printer.tile }).isChecked()).toBe(true);
    expect(await page.getByLabel(en.lifetime).inputValue()).toBe('365');
    expect(await page.getByLabel('IMAP').isChecked()).toBe(false);
    await button(page, 'Next').click();
    await page
      .locator('.steps')
      .getByText(en.steps.printer[0] ?? '')
      .waitFor();
  });
});
