import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { alice, portal, signIn } from '../../testing/portal.ts';

const { open, make, verify } = portal();

/** What a browser does that translates a page, as Chrome does it: each text becomes an element of the browser's own. */
const translate = `(() => {
  const isLeftAlone = (node) => {
    for (let each = node.parentElement; each; each = each.parentElement)
      if (each.translate === false || ['SCRIPT', 'STYLE', 'FONT', 'TEXTAREA'].includes(each.tagName)) return true;
    return false;
  };
  const one = (text) => {
    if (!text.data.trim() || isLeftAlone(text)) return;
    const outer = document.createElement('font');
    const inner = document.createElement('font');
    inner.textContent = text.data;
    outer.append(inner);
    text.parentNode.replaceChild(outer, text);
  };
  const all = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return one(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    found.forEach(one);
  };
  const begin = () => {
    all(document.body);
    new MutationObserver((records) => {
      for (const { type, target, addedNodes } of records)
        if (type === 'characterData') one(target);
        else for (const node of addedNodes) if (node.isConnected) all(node);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', begin);
  else begin();
})()`;

async function openTranslated(): Promise<Page> {
  const page = await open();
  await page.addInitScript(translate);
  await page.reload();
  await signIn(page);
  return page;
}

/** All the words of a part of the page, once they are as they should be. */
const says = (page: Page, part: string, words: string) =>
  expect
    .poll(async () => (await page.locator(part).allTextContents()).map((each) => each.trim()).join(' | '), {
      timeout: 5000,
    })
    .toBe(words);

describe('Translated by the browser, the page tells the truth', () => {
  test('of a create, a copy, a sign-in and a delete', async () => {
    const page = await openTranslated();
    await says(page, '.bar p', en.used(0, 40));
    await page.locator('.bar button').click();
    await page.getByRole('radio').first().check();
    await page.locator('dialog button[type=submit]').click();
    const copy = page.locator('dialog button.wide');
    await says(page, 'dialog button.wide', en.copy);
    const password = (await page.locator('.password').textContent()) ?? '';
    await copy.click();
    await says(page, 'dialog button.wide', en.copied);
    await says(page, 'dialog [role=status]', en.copied);
    expect(await verify(password)).toBe(200);
    await says(page, 'dialog [role=status]', en.signedInNow('iPhone'));
    await page.locator('dialog .actions button').last().click();
    await says(page, '.bar p', en.used(1, 40));
    await says(page, '.entries .badge', en.badges.working);
    await says(page, 'main > [role=status].said', en.signedInNow('iPhone'));
    await page.locator('.entries button').last().click();
    await says(page, 'dialog h2', en.deleteQuestion('iPhone'));
    await page.locator('dialog button[type=submit]').click();
    await says(page, 'dialog h2', en.done);
    await says(page, 'dialog [role=status]', en.deleted('iPhone'));
    await says(page, 'dialog button', en.close);
    expect(await verify(password)).toBe(401);
    await page.locator('dialog button').click();
    await says(page, '.bar p', en.used(0, 40));
    await says(page, '.entries h2', '');
  });

  test('of a question before an uncopied password is closed', async () => {
    const page = await openTranslated();
    await page.locator('.bar button').click();
    await page.getByRole('radio').first().check();
    await page.locator('dialog button[type=submit]').click();
    const actions = 'dialog .actions button';
    await says(page, actions, en.close);
    await page.locator(actions).click();
    await says(page, actions, `${en.keepOpen} | ${en.closeAnyway}`);
    await page.locator(actions).first().click();
    await says(page, actions, en.close);
  });

  test('of a change of the language, and of the views', async () => {
    await make('Phone');
    const page = await openTranslated();
    await page.locator('header button').first().click();
    await page.locator('#language').selectOption('nl');
    await says(page, '.bar p', nl.used(1, 40));
    await says(page, 'h1', nl.listTitle);
    await says(page, '.entries .badge', nl.badges.unused);
    await says(page, '.menu label', `${nl.language} | ${nl.theme}`);
    await says(page, '#theme option', Object.values(nl.themes).join(' | '));
    await says(page, '.menu button', nl.signOut);
    await says(page, '.who', nl.signedInAs(alice));
    await page.keyboard.press('Escape');
    await page.locator('nav a[href="#activity"]').click();
    await says(page, 'h1', nl.activityTitle);
    await page.locator('nav a[href="#lost"]').click();
    await says(page, 'h1', nl.lostTitle);
    await page.locator('nav a[href="#list"]').click();
    await says(page, 'h1', nl.listTitle);
    expect(await page.title()).toBe(`${nl.listTitle} – ${nl.title}`);
  });
});
