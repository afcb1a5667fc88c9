import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Text } from '../portal/text/languages/en.ts';
import { alice, aliceId, button, heading, passSignIn, type portal } from './portal.ts';

/** A state of the page, as a person comes to see it. */
type See = (state: string) => Promise<void>;

/**
 * Leads through every state of the page for a person who makes, uses and deletes app passwords, one after the other.
 *
 * @param text the words that the page has, on the start page of a person who has nothing
 * @param see is called in each state
 */
export async function passThrough(
  { api, asAdministrator, setPolicy, make, verify, refuseDeleted, age }: ReturnType<typeof portal>,
  page: Page,
  text: Text,
  see: See,
): Promise<void> {
  const path = `/api/admin/people/${aliceId}`;
  const submit = page.locator('dialog button[type=submit]');
  const close = page.locator('dialog .actions button').last();
  const go = (hash: string) => page.evaluate(`location.hash = '${hash}'`);

  await button(page, text.signIn).waitFor();
  await see('signed out');
  await go('lost');
  await heading(page, text.lostTitle).waitFor();
  await see('lost a device, signed out');
  await go('list');
  await button(page, text.signIn).click();
  await page.getByLabel(alice).check();
  await button(page, 'Sign in without second factor').click();
  await heading(page, text.stepUpTitle).waitFor();
  await see('one more step');
  await button(page, text.continue).click();
  await passSignIn(page);
  await page.getByText(text.used(0, 40)).waitFor();
  await see('empty list');

  await page.locator('.bar button').click();
  await see('create');
  await page.locator('summary').click();
  await page.locator('.boxes input').first().uncheck();
  await see('create, with options');
  await page.locator('.boxes input').first().check();
  await page.locator('#name').fill('\u200b');
  await submit.click();
  await page.locator('#name[aria-invalid=true]').waitFor();
  await see('create, with a bad name');
  await page.getByRole('radio', { name: text.devices.iphone.tile }).check();
  await page.locator('#name').fill('W'.repeat(64));
  await page.context().setOffline(true);
  await submit.click();
  await page.getByText(text.offline).waitFor();
  await see('create, offline');
  await page.context().setOffline(false);
  await submit.click();
  await page.locator('.password').waitFor();
  await see('password');
  await close.click();
  await page.getByText(text.closeUncopied).waitFor();
  await see('password, before it is copied');
  await page.locator('dialog button.wide').click();
  await button(page, text.copied).waitFor();
  const password = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(await verify(password, { 'x-protocol': 'imap' })).toBe(200);
  await page.locator('dialog .success').waitFor();
  await see('signed in just now');
  await close.click();

  await refuseDeleted('Old');
  const [idle, old, paused] = [await make('Idle'), await make('Expired'), await make('Paused')];
  const { body } = await api().create('Refused', {}, { protocols: ['imap'] });
  expect(await verify(body.password, { 'x-protocol': 'smtp' })).toBe(401);
  await asAdministrator('POST', `${path}/app-passwords/${paused.id}/suspend`);
  await age(idle.id, 100);
  await age(old.id, 400);
  for (const name of ['Laptop', 'Printer', 'Car']) await make(name);
  await setPolicy({ idleDays: 90, maximumLifetimeDays: 365, limit: 8 });
  await expect.poll(async () => (await api().activity()).body.refusals, { timeout: 10_000 }).toHaveLength(2);
  await page.reload();
  await page.locator('.badge.refused').waitFor();
  for (const name of ['Idle', 'Expired', 'Paused', 'Refused'])
    await button(page, text.detailsOf(name)).click();
  await see('list, with every badge and details');
  await page.locator('.bar button').click();
  await page.locator('[role=alert]').waitFor();
  await page.locator('#search').fill('nothing like it');
  await page.getByText(text.noneFound).waitFor();
  await see('full list, nothing found');
  await page.locator('#search').fill('');

  await button(page, text.detailsOf('Refused')).click();
  await button(page, text.renameOf('Refused')).click();
  await see('rename');
  await close.click();
  await button(page, text.detailsOf('Idle')).click();
  await button(page, text.reviveOf('Idle')).click();
  await see('turn back on');
  await submit.click();
  await page.getByText(text.revived('Idle')).first().waitFor();
  await see('turned back on');
  await close.click();
  await button(page, text.deleteOf('Idle')).click();
  await see('delete');
  await submit.click();
  await page.getByText(text.deleted('Idle')).first().waitFor();
  await see('deleted');
  await close.click();
  await page.locator('.dangerous').click();
  await page.locator('#word').waitFor();
  await see('delete all');
  await close.click();
  await page.getByText(text.used(7, 8)).waitFor();

  await go('activity');
  await page.getByRole('heading', { name: text.changesTitle }).waitFor();
  await see('activity');
  await go('lost');
  await page.getByText(text.lostWhich).waitFor();
  await see('lost a device');
  await go('need');
  await heading(page, text.needTitle).waitFor();
  await see('do I need one');
  await setPolicy({ creation: 'nobody' });
  await go('list');
  await page.getByText(text.problems['creation-denied'] ?? '').waitFor();
  await see('no creation');

  await page.evaluate('sessionStorage.setItem("creating", JSON.stringify({ name: "Laptop", since: 0 }))');
  await page.reload();
  await page.locator('.notice').waitFor();
  await see('left behind');
  await page.route('**/api/app-passwords', (route) => route.abort(), { times: 1 });
  await page.reload();
  await page.getByText(text.fault).waitFor();
  await see('list that cannot be read');
  await page.route('**/settings.json', (route) => route.abort());
  await page.reload();
  await page.getByText(text.fault).waitFor();
  await see('without settings');
}
