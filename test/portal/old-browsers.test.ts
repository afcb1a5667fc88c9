import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { begin, button, clipboard, create, entry, portal, signIn } from '../../testing/portal.ts';

const { open, make, verify, only, use } = portal();

const day = 86_400_000;

/** What Chrome 90 or Safari 15.4 does not have. */
const newer = [
  'AbortSignal.timeout',
  'AbortSignal.any',
  'Array.fromAsync',
  'Array.prototype.at',
  'Array.prototype.findLast',
  'Array.prototype.findLastIndex',
  'Array.prototype.toReversed',
  'Array.prototype.toSorted',
  'Array.prototype.toSpliced',
  'Array.prototype.with',
  'Crypto.prototype.randomUUID',
  'Element.prototype.checkVisibility',
  'HTMLElement.prototype.showPopover',
  'Map.groupBy',
  'Object.groupBy',
  'Object.hasOwn',
  'Promise.withResolvers',
  'Promise.try',
  'Set.prototype.union',
  'String.prototype.at',
  'String.prototype.isWellFormed',
  'URL.canParse',
  'URL.parse',
  'Uint8Array.fromBase64',
  'Uint8Array.prototype.at',
  'structuredClone',
];

/** Opens the page in a browser with another start. */
async function openAfter(script: string): Promise<Page> {
  const page = await open();
  await page.addInitScript(script);
  await page.reload();
  return page;
}

describe('A browser as old as Safari 15.4 or Chrome 90', () => {
  test('makes, copies, finds, and deletes', async () => {
    for (let number = 1; number <= 8; number++) await make(`Device ${number}`);
    const page = await openAfter(newer.map((each) => `delete globalThis.${each};`).join('\n'));
    expect(await page.evaluate<boolean>('"toSorted" in Array.prototype || "randomUUID" in crypto')).toBe(
      false,
    );
    await signIn(page);
    const password = await create(page, 'Phone');
    expect(await verify(password)).toBe(200);
    await page.locator('dialog').getByText(en.signedInNow('Phone')).waitFor();
    await button(page, en.close).click();
    await page.getByLabel(en.sort).selectOption(en.sorts.name);
    await page.getByLabel(en.search).fill('phone');
    await button(page, en.deleteOf('Phone')).click();
    await button(page, en.yes).click();
    await page.locator('dialog').getByText(en.deleted('Phone')).waitFor();
    await button(page, en.close).click();
    await page.locator('nav a[href="#activity"]').click();
    await page.getByText('“Phone” deleted').waitFor();
    expect(await verify(password)).toBe(401);
  });
});

test('A browser that keeps no data says so, and what to do', async () => {
  const page = await openAfter(`for (const name of ['localStorage', 'sessionStorage'])
    Object.defineProperty(window, name, {
      get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
    });`);
  await page.getByRole('alert').getByText(en.noStorage).waitFor();
  expect(await button(page, en.signIn).count()).toBe(0);
});

describe.each([-400, 1, 400])('A clock that is %i days off', (days) => {
  test('makes 30 days of 30 days, and tells "just now" and "2 hours ago" from each other', async () => {
    const page = await open();
    await page.clock.install({ time: Date.now() + days * day });
    await page.reload();
    await signIn(page);
    await begin(page, 'Phone');
    await page.getByText(en.moreOptions).click();
    await page.getByLabel(en.lifetime).selectOption(en.inDays(30));
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    const { id, createdAt, expiresAt } = await only();
    expect(Math.abs(Date.parse(expiresAt) - Date.parse(createdAt) - 30 * day)).toBeLessThan(1000);
    expect(await verify(await clipboard(page))).toBe(200);
    await page.locator('dialog').getByText(en.signedInNow('Phone')).waitFor();
    await button(page, en.close).click();
    await entry(page, 'Phone')
      .getByText(/^Used (now|\d+ seconds? ago)/)
      .waitFor();
    // The clock by which the page goes has whole seconds.
    await use(id, 2.1);
    await page.reload();
    await entry(page, 'Phone').getByText(en.usedAgo('2 hours ago', en.uses.imap)).waitFor();
  });
});
