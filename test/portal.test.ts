import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { gateway } from './support/api.ts';
import { openWindow, startBrowser } from './support/browser.ts';
import { type Service, startService } from './support/service.ts';

let service: Service;
let browser: Browser;
let trouble: string[];

beforeAll(async () => {
  [service, browser] = await Promise.all([startService(), startBrowser()]);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await service.close();
});

afterEach(() => expect(trouble).toEqual([]));

async function open(options: Parameters<typeof openWindow>[2] = {}): Promise<Page> {
  const window = await openWindow(browser, service.origin, options);
  trouble = window.trouble;
  await window.page.goto('/');
  return window.page;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });

async function signIn(page: Page, username = 'alice@example.com', factor = 'with'): Promise<void> {
  await button(page, 'Sign in').click();
  await pass(page, username, factor);
}

/** What a person does at the identity provider. */
async function pass(page: Page, username = 'alice@example.com', factor = 'with'): Promise<void> {
  await page.getByLabel(username).check();
  await button(page, `Sign in ${factor} second factor`).click();
}

describe('a person at the page', () => {
  test('makes the first app password, copies it, and deletes it', async () => {
    const page = await open();
    await signIn(page);
    await page.getByText('You have no app passwords yet.').waitFor();
    await button(page, 'Create').click();
    await page.getByRole('heading', { name: 'Your first app password' }).waitFor();
    await button(page, 'iPhone').click();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    await page.getByRole('status').getByText('Copied').waitFor();
    const password = await page.evaluate(() => navigator.clipboard.readText());
    expect(password).toMatch(/^([a-z]{4}-){4}[a-z]{4}$/);
    expect(await page.locator('.password').innerText()).toBe(password);
    const verify = gateway(service.origin, service.stack.gatewayKey);
    expect((await verify('alice@example.com', password)).status).toBe(200);
    await button(page, 'Close').click();
    await page.getByText('1 of 40').waitFor();
    expect(await page.content()).not.toContain(password);
    await button(page, 'Delete iPhone').click();
    await button(page, 'Yes').click();
    await page.getByText('can no longer sign in').waitFor();
    await button(page, 'Close').click();
    await page.getByText('0 of 40').waitFor();
    expect((await verify('alice@example.com', password)).status).toBe(401);
  });
});
