import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { openWindow, startBrowser } from '../../testing/browser.ts';
import { button, passSignIn } from '../../testing/portal.ts';
import { imap } from './clients.ts';
import { asksService, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';

let lab: Lab;
let browser: Browser;
let port: number;

beforeAll(async () => {
  [lab, browser] = await Promise.all([startLab('dovecot', 'imap,pop3'), startBrowser()]);
  port = await freePort(0);
  await startDovecot(lab, 'phone', { imap: port, pop3: await freePort(0) }, [asksService(lab)]);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await lab.close();
});

test('A phone whose mail stopped has it back after five clicks, and the page says so within five seconds', async () => {
  expect(await imap(lab.username, lab.accountPassword, port)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
  const trouble: string[] = [];
  const { page, context } = await openWindow(browser, lab.service.origin, trouble);
  await page.goto('/');
  const click = (name: string) => button(page, name).click();
  await click('Sign in');
  await passSignIn(page);
  await click('Create');
  await page.getByText('iPhone or iPad').click();
  await click('Next');
  await click('Copy');
  await page.getByText('Waiting for iPhone to sign in').waitFor();
  const password = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(await imap(lab.username, password, port)).toBe('OK');
  await page.getByRole('status').getByText('iPhone signed in just now').waitFor({ timeout: 5000 });
  expect(trouble).toEqual([]);
  await context.close();
});
