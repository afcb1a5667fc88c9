import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { aliceId, button, entry, heading, link, portal } from '../../testing/portal.ts';

const { api, asAdministrator, openList, make, verify, refuseDeleted } = portal();

const person = `/api/admin/people/${aliceId}`;

describe('Activity', () => {
  test('tells which device is still trying, and who changed what', async () => {
    await refuseDeleted('Old phone');
    const { id } = await make('Laptop');
    await asAdministrator('POST', `${person}/app-passwords/${id}/suspend`);
    const page = await openList();
    await link(page, en.stillTried('Old phone', 0)).click();
    await heading(page, en.activityTitle).waitFor();
    await page
      .getByText(/^“Old phone” \(deleted \w+ \d+, \d{4}\): tried at least once since \w+ \d+, \d{4}$/)
      .waitFor();
    await page.getByText(/^Last .+, IMAP, gateway local, 203\.0\.113\.7\.$/).waitFor();
    const changed = (what: string) => page.getByRole('listitem').filter({ hasText: what }).first();
    expect(await changed('“Laptop” paused').textContent()).toContain('by an administrator');
    expect(await changed('“Old phone” deleted').textContent()).toContain('by you');
    await page.reload();
    await heading(page, en.activityTitle).waitFor();
    await link(page, en.back).click();
    await entry(page, 'Laptop').waitFor();
  });

  test('tells of a device that goes on with a former username, and what to do, in each language', async () => {
    const { password } = await make('Phone');
    const page = await openList();
    const renamed = { username: 'alice.new@example.com' };
    expect((await asAdministrator('PATCH', person, renamed)).status).toBe(200);
    expect(await verify(password)).toBe(401);
    await expect
      .poll(async () => (await api().activity()).body.refusals, { timeout: 10_000 })
      .toHaveLength(1);
    await page.reload();
    await entry(page, 'Phone').getByText('Refused').waitFor();
    expect(await page.getByText('still trying').count()).toBe(0);
    await page.locator('nav a[href="#activity"]').click();
    await page.getByText(/^“Phone” \(working\): tried at least once since /).waitFor();
    await page.getByText(en.reasons['former-username']).waitFor();
  });

  test('of a kind that only a newer service knows is told in other words', async () => {
    await refuseDeleted('Old phone');
    const page = await openList();
    await page.route('**/api/activity', async (route) => {
      const answer = await (await route.fetch()).json();
      const [{ appPassword, recent }] = answer.refusals;
      appPassword.state = 'active';
      recent[0].reason = 'unheard-of';
      Object.assign(answer.changes[0], { kind: 'unheard-of', by: 'unheard-of' });
      await route.fulfill({ json: answer });
    });
    await page.locator('nav a[href="#activity"]').click();
    await page.getByText(en.otherReason).waitFor();
    const changed = page.getByRole('listitem').filter({ hasText: en.otherChange });
    expect(await changed.textContent()).toContain(en.somebodyElse);
  });

  test('that cannot be read is named, with a way to try again', async () => {
    const page = await openList();
    await page.route('**/api/activity', (route) => route.abort(), { times: 1 });
    await page.locator('nav a[href="#activity"]').click();
    await page.getByRole('alert').getByText(en.fault).waitFor();
    await button(page, en.tryAgain).click();
    await heading(page, en.changesTitle).waitFor();
  });
});
