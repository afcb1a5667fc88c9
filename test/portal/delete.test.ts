import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import {
  button,
  entries,
  entry,
  focused,
  heading,
  link,
  loseAnswer,
  passSignIn,
  portal,
  refuseOldSignIn,
} from '../../testing/portal.ts';

const { openList, make, verify, names, use } = portal();

const said = (page: Page, words: string) => page.locator('main > [role=status]').getByText(words);

async function makeSome(count: number): Promise<void> {
  for (let number = 1; number <= count; number++) await make(`Device ${number}`);
}

/** Deletes one in the list. */
async function remove(page: Page, name: string): Promise<void> {
  await button(page, `Delete ${name}`).click();
  await button(page, 'Yes').click();
  await page.locator('dialog').getByText(en.deleted(name)).waitFor();
  await button(page, 'Close').click();
  await entry(page, name).waitFor({ state: 'detached' });
}

describe('Deleting one', () => {
  test('begins on Cancel, so that Enter, Enter deletes nothing', async () => {
    await make('Phone');
    const page = await openList();
    await button(page, 'Delete Phone').focus();
    await page.keyboard.press('Enter');
    await heading(page, en.deleteQuestion('Phone')).waitFor();
    await expect.poll(() => focused(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('Delete Phone');
    expect(await names()).toEqual(['Phone']);
  });

  test('says when and from where it was last used, and that the device stops at once, which it does', async () => {
    const { id, password } = await make('Phone');
    await use(id, 2);
    await make('New');
    const page = await openList();
    const description = async () => {
      const by = await page.locator('dialog').getAttribute('aria-describedby');
      return page.locator(`[id="${by}"]`).textContent();
    };
    await button(page, 'Delete New').click();
    expect(await description()).toBe(`${en.neverUsed}. ${en.deleteEffect}`);
    await button(page, 'Cancel').click();
    await button(page, 'Delete Phone').click();
    expect(await description()).toMatch(
      /^Last used \w+ \d+, \d{4}, \d+:\d\d.*\(IMAP, gateway local, 203\.0\.113\.7\)\. The device stops at once\.$/,
    );
    await button(page, 'Yes').click();
    await heading(page, 'Done').waitFor();
    await page.locator('dialog [role=status]').getByText(en.deleted('Phone')).waitFor();
    await expect.poll(() => focused(page)).toBe('Close');
    expect(await verify(password)).toBe(401);
    expect(await names()).toEqual(['New']);
  });

  test('leaves the focus on the next row, the place where the page was, and a status line', async () => {
    await makeSome(20);
    const page = await openList({ viewport: { width: 390, height: 500 } });
    await button(page, 'Delete Device 8').scrollIntoViewIfNeeded();
    const scroll = () => page.evaluate<number>('scrollY');
    const before = await scroll();
    expect(before).toBeGreaterThan(100);
    await remove(page, 'Device 8');
    await said(page, en.deleted('Device 8')).waitFor();
    await expect.poll(() => focused(page)).toBe('Details of Device 7');
    expect(Math.abs((await scroll()) - before)).toBeLessThan(80);
    await button(page, 'Delete Device 7').click();
    await button(page, 'Cancel').click();
    expect(await page.getByText(en.deleted('Device 8')).count()).toBe(0);
  });

  test('leaves the focus on the row before, or at last on Create', async () => {
    await makeSome(2);
    const page = await openList();
    await remove(page, 'Device 1');
    await expect.poll(() => focused(page)).toBe('Details of Device 2');
    await remove(page, 'Device 2');
    await expect.poll(() => focused(page)).toBe('Create');
    await page.getByText('0 of 40').waitFor();
  });

  test('leaves it there also where Escape ends it', async () => {
    await makeSome(2);
    const page = await openList();
    await button(page, 'Delete Device 2').click();
    await button(page, 'Yes').click();
    await heading(page, 'Done').waitFor();
    await page.keyboard.press('Escape');
    await said(page, en.deleted('Device 2')).waitFor();
    await expect.poll(() => focused(page)).toBe('Details of Device 1');
  });

  test('ends with the truth where the answer is lost', async () => {
    await make('Phone');
    const page = await openList();
    await loseAnswer(page, '**/api/app-passwords/*', 'DELETE');
    await button(page, 'Delete Phone').click();
    await button(page, 'Yes').click();
    await page.getByRole('alert').getByText(en.faultUnknown).waitFor();
    await button(page, 'Try again').click();
    await page.locator('dialog').getByText(en.deleted('Phone')).waitFor();
    expect(await names()).toEqual([]);
  });

  test('goes on until it is known, however much somebody wants to leave', async () => {
    await make('Phone');
    const page = await openList();
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/api/app-passwords/*', async (route) => {
      await gate;
      await route.continue();
    });
    await button(page, 'Delete Phone').click();
    await button(page, 'Yes').click();
    await button(page, 'One moment …').waitFor();
    await button(page, 'Cancel').click();
    await page.keyboard.press('Escape');
    goOn();
    await heading(page, 'Done').waitFor();
    await button(page, 'Close').click();
    await page.getByText('0 of 40').waitFor();
  });

  test('comes back to the question after another sign-in', async () => {
    await make('Phone');
    const page = await openList();
    await refuseOldSignIn(page, '**/api/app-passwords/*', 'DELETE');
    await button(page, 'Delete Phone').click();
    await button(page, 'Yes').click();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await heading(page, en.deleteQuestion('Phone')).waitFor();
    await expect.poll(() => focused(page)).toBe('Cancel');
    await button(page, 'Yes').click();
    await heading(page, 'Done').waitFor();
  });
});

describe('Deleting all', () => {
  test('of a few asks once, beginning on Cancel, also when the first answer is lost', async () => {
    await makeSome(4);
    const page = await openList();
    await button(page, 'Delete all').focus();
    await page.keyboard.press('Enter');
    await heading(page, en.deleteAllQuestion(4)).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await names()).toHaveLength(4);
    await button(page, 'Delete all').click();
    expect(await page.locator('#word').count()).toBe(0);
    await loseAnswer(page, '**/api/app-passwords/delete-all', 'POST');
    await button(page, 'Yes').click();
    await button(page, 'Try again').click();
    await page.locator('dialog').getByText(en.deletedAll).waitFor();
    await button(page, 'Close').click();
    await said(page, en.deletedAll).waitFor();
    await expect.poll(() => focused(page)).toBe('Create');
    expect(await names()).toEqual([]);
  });

  test('of five and more asks for a word, and deletes nothing without it', async () => {
    await makeSome(5);
    const page = await openList();
    await button(page, 'Delete all').click();
    const word = page.getByLabel(en.typeWord(en.deleteWord));
    const complaint = () => page.evaluate<string>('document.querySelector("#word").validationMessage');
    await button(page, 'Yes').click();
    await expect.poll(() => focused(page)).toBe('');
    expect(await complaint()).not.toBe('');
    await word.fill('delet');
    await page.keyboard.press('Enter');
    await button(page, 'Yes').click();
    expect(await complaint()).toBe(en.notTheWord(en.deleteWord));
    expect(await names()).toHaveLength(5);
    await word.fill(' Delete ');
    await button(page, 'Yes').click();
    await page.locator('dialog').getByText(en.deletedAll).waitFor();
    expect(await names()).toEqual([]);
  });
});

describe('Who lost a device', () => {
  test('picks it right there', async () => {
    const { password } = await make('Phone');
    await make('Laptop');
    const page = await openList();
    await link(page, 'I lost a device').click();
    await page.getByText(en.lost[0] ?? '').waitFor();
    await expect.poll(() => focused(page)).toBe(en.lostTitle);
    await page.getByText(en.lostWhich).waitFor();
    await remove(page, 'Phone');
    await said(page, en.deleted('Phone')).waitFor();
    expect(page.url()).toContain('#lost');
    await expect.poll(() => focused(page)).toBe('Details of Laptop');
    expect(await entries(page)).toEqual(['Laptop']);
    expect(await verify(password)).toBe(401);
    await page.getByText(en.lostFactorTitle).waitFor();
  });

  test('or all of them', async () => {
    await makeSome(2);
    const page = await openList();
    await link(page, 'I lost a device').click();
    await button(page, 'Delete all').click();
    await button(page, 'Yes').click();
    await page.locator('dialog').getByText(en.deletedAll).waitFor();
    await button(page, 'Close').click();
    await page.getByText(en.empty).waitFor();
    await expect.poll(() => focused(page)).toBe(en.lostWhich);
    expect(await names()).toEqual([]);
    await link(page, 'Back to the list').click();
    await page.getByText('0 of 40').waitFor();
  });
});
