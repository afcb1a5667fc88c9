import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  alice,
  aliceId,
  bob,
  button,
  checkAccessible,
  heading,
  link,
  passSignIn,
  phone,
  portal,
  refuseOldSignIn,
  sideways,
} from '../../testing/portal.ts';

const { api, asAdministrator, setPolicy, open, openList, make, verify, refuseDeleted, age } = portal();

const day = 86_400_000;

async function only() {
  const { body } = await api().list();
  expect(body.appPasswords).toHaveLength(1);
  return body.appPasswords[0];
}

describe('a new app password', () => {
  test('ends, and works for some protocols only, where the person chooses it', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Scanner');
    expect(await page.getByLabel('Works until').isVisible()).toBe(false);
    await page.getByText('More options').click();
    await page.getByLabel('Works until').selectOption('30 days from now');
    for (const name of ['POP3', 'Sieve', 'ActiveSync', 'CalDAV/CardDAV', 'RADIUS', 'LDAP'])
      await page.getByLabel(name).uncheck();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    const password = await page.evaluate<string>('navigator.clipboard.readText()');
    await button(page, 'Close').click();
    await page.getByText('Only for IMAP and SMTP').waitFor();
    await page.getByText('Works until').waitFor();
    const { expiresAt, protocols } = await only();
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 30 * day)).toBeLessThan(60_000);
    expect(protocols).toEqual(['imap', 'smtp']);
    expect(await verify(password, { 'x-protocol': 'imap' })).toBe(200);
    expect(await verify(password, { 'x-protocol': 'pop3' })).toBe(401);
  });

  test('has no restriction where nothing is chosen', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await page.getByText('More options').click();
    await page.getByLabel('LDAP').uncheck();
    await page.getByLabel('LDAP').check();
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    await button(page, 'Close').click();
    await heading(page, 'Phone').waitFor();
    expect(await only()).toMatchObject({ expiresAt: null, protocols: null });
  });

  test('can only be what the organization allows', async () => {
    await setPolicy({ maximumLifetimeDays: 60, protocols: ['imap', 'smtp'] });
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByText('More options').click();
    const choices = await page.getByLabel('Works until').locator('option').allTextContents();
    expect(choices).toEqual([expect.stringMatching(/^At most until /), '30 days from now']);
    expect(await page.locator('fieldset label').allTextContents()).toEqual(['IMAP', 'SMTP']);
    await page.getByLabel('IMAP').uncheck();
    await page.getByLabel('SMTP').uncheck();
    await page.getByText('Choose at least one').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await page.getByRole('alert').getByText('Choose at least one').waitFor();
    await page.getByLabel('SMTP').check();
    await button(page, 'Try again').click();
    await button(page, 'Copy').waitFor();
    const { createdAt, expiresAt, protocols } = await only();
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(60 * day);
    expect(protocols).toEqual(['smtp']);
  });

  test('keeps what was chosen through another sign-in', async () => {
    const page = await openList();
    await refuseOldSignIn(page, '**/api/registration', 'PUT');
    await refuseOldSignIn(page, '**/api/app-passwords', 'POST');
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await page.getByText('More options').click();
    await page.getByLabel('Works until').selectOption('1 year from now');
    await page.getByLabel('IMAP').uncheck();
    await button(page, 'Next').click();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await heading(page, 'New app password').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Phone');
    expect(await page.getByLabel('Works until').inputValue()).toBe('365');
    expect(await page.getByLabel('IMAP').isChecked()).toBe(false);
  });

  test('is not offered where the organization allows none, and refused where it stopped in between', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await setPolicy({ creation: 'nobody' });
    await button(page, 'Next').click();
    await page.getByRole('alert').getByText('does not allow new app passwords').waitFor();
    await button(page, 'Cancel').click();
    await page.getByText('does not allow new app passwords').waitFor();
    expect(await button(page, 'Create').count()).toBe(0);
  });
});

describe('the username that the page tells', () => {
  const who = (page: Page) => page.locator('.who span').textContent();
  /** What is to be typed into the device, beside the password that is shown. */
  const shown = (page: Page) => page.locator('dl.settings dd').first().textContent();

  async function create(page: Page): Promise<string> {
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await button(page, 'Next').click();
    await button(page, 'Copy').click();
    return page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** Opens the list, after a sign-in that calls the person so. */
  async function openListOf(preferred: string | undefined): Promise<Page> {
    const page = await open();
    await page.route('**/token', async (route) => {
      const response = await route.fetch();
      const { id_token: token, ...json } = await response.json();
      const [header, , signature] = token.split('.');
      const claims = JSON.stringify({ ...decodeJwt(token), preferred_username: preferred });
      const changed = [header, Buffer.from(claims).toString('base64url'), signature].join('.');
      await route.fulfill({ response, json: { ...json, id_token: changed } });
    });
    await button(page, 'Sign in').click();
    await passSignIn(page);
    await page.locator('.bar').waitFor();
    return page;
  }

  test.each(['asmith', 'Alice', 'a.example@mail.example.com', '', undefined])(
    'is one that works, where the provider calls the person %s',
    async (preferred) => {
      const page = await openListOf(preferred);
      expect(await who(page)).toBe(`Signed in as ${alice}`);
      const password = await create(page);
      expect(await shown(page)).toBe(alice);
      expect(await verify(password)).toBe(200);
      if (preferred) expect(await page.content()).not.toContain(preferred);
    },
  );

  test('is the new one after a rename by an administrator while the page is open', async () => {
    await make('Laptop');
    const page = await openList();
    const renamed = 'alice.smith@example.com';
    const path = `/api/admin/people/${aliceId}`;
    expect((await asAdministrator('PATCH', path, { username: renamed })).status).toBe(200);
    const password = await create(page);
    await expect.poll(() => shown(page)).toBe(renamed);
    expect(await who(page)).toBe(`Signed in as ${renamed}`);
    expect([await verify(password), await verify(password, {}, renamed)]).toEqual([401, 200]);
  });

  test('stays, and so does the password, where the service is away since', async () => {
    const page = await openList();
    await button(page, 'Create').click();
    await page.getByLabel('Name', { exact: true }).fill('Phone');
    await page.route('**/api/app-passwords', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.fallback(),
    );
    const failed = page.waitForEvent('requestfailed');
    await button(page, 'Next').click();
    await failed;
    expect(await page.locator('.password').textContent()).toMatch(/^([a-z]{4}-){4}[a-z]{4}$/);
    expect(await shown(page)).toBe(alice);
  });

  test.each(['#activity', '#admin'])('is there also where the list was not read: %s', async (part) => {
    const page = await open();
    await page.goto(`/${part}`);
    await button(page, 'Sign in').click();
    await passSignIn(page, bob);
    await expect.poll(() => who(page)).toBe(`Signed in as ${bob}`);
    expect(page.url()).toContain(part);
  });
});

describe('the list', () => {
  test('says when and from where one was used last', async () => {
    const { password } = await make('Phone');
    const origin = { 'x-protocol': 'imap', 'x-client-address': '203.0.113.7' };
    expect(await verify(password, origin)).toBe(200);
    await expect.poll(async () => (await only()).lastUsed, { timeout: 10_000 }).not.toBeNull();
    const page = await openList();
    await page.getByText(/Last used .+\d:\d\d.+\(IMAP, gateway local, 203\.0\.113\.7\)/).waitFor();
  });

  test('says why one does not work', async () => {
    const [old, stopped] = [await make('Old'), await make('Stopped')];
    const path = `/api/admin/people/${aliceId}/app-passwords/${stopped.id}/suspend`;
    expect((await asAdministrator('POST', path)).status).toBe(200);
    await age(old.id, 40);
    await setPolicy({ maximumLifetimeDays: 30 });
    const page = await openList();
    await page.getByText('Expired on').waitFor();
    await page.getByText('Your administrator suspended it. Ask them.').waitFor();
    expect(await page.getByRole('button', { name: 'Revive' }).count()).toBe(0);
  });

  test('revives one that was not used for long, also after another sign-in', async () => {
    const { id, password } = await make('Phone');
    await age(id, 100);
    await setPolicy({ idleDays: 90 });
    expect(await verify(password)).toBe(401);
    const page = await openList();
    await page.getByText('It was not used for a long time.').waitFor();
    await button(page, 'Revive Phone').click();
    await refuseOldSignIn(page, '**/revive', 'POST');
    await button(page, 'Revive').click();
    await page.getByText('You signed in a while ago.').waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page);
    await heading(page, 'Revive the app password for Phone?').waitFor();
    await button(page, 'Revive').click();
    await page.getByText('The app password for Phone works again.').waitFor();
    await button(page, 'Close').click();
    await expect.poll(() => button(page, 'Revive Phone').count()).toBe(0);
    expect(await verify(password)).toBe(200);
  });

  test('is there also where policy and activity are not', async () => {
    await make('Phone');
    const page = await openList();
    await page.route('**/api/{policy,activity}', (route) => route.abort());
    await link(page, 'I lost a device').click();
    await link(page, 'Back to the list').click();
    await heading(page, 'Phone').waitFor();
    await button(page, 'Create').click();
    expect(await page.getByText('More options').count()).toBe(0);
  });
});

describe('activity', () => {
  test('tells which device still uses what, and who changed what', async () => {
    await refuseDeleted('Old phone');
    const { id } = await make('Laptop');
    await asAdministrator('POST', `/api/admin/people/${aliceId}/app-passwords/${id}/suspend`);
    const page = await openList();
    await link(page, 'A device still uses “Old phone”').click();
    await heading(page, 'Activity').waitFor();
    await page.getByText(/“Old phone”, deleted .+, tried at least once since /).waitFor();
    await page.getByText(/Last .+, IMAP, gateway local, 203\.0\.113\.7\./).waitFor();
    const changed = (what: string) => page.getByRole('listitem').filter({ hasText: what }).first();
    expect(await changed('“Laptop” suspended').textContent()).toContain('by an administrator');
    expect(await changed('“Old phone” deleted').textContent()).toContain('by you');
    await page.reload();
    await button(page, 'Sign in').click();
    await heading(page, 'Activity').waitFor();
    await link(page, 'Back to the list').click();
    await heading(page, 'Laptop').waitFor();
  });

  test('tells of a device that goes on with a former username, and what to do', async () => {
    const { password } = await make('Phone');
    const page = await openList();
    const renamed = { username: 'alice.new@example.com' };
    expect((await asAdministrator('PATCH', `/api/admin/people/${aliceId}`, renamed)).status).toBe(200);
    expect(await verify(password)).toBe(401);
    await expect
      .poll(async () => (await api().activity()).body.refusals, { timeout: 10_000 })
      .toHaveLength(1);
    await link(page, 'Activity').click();
    await page.getByText(/“Phone”, active, tried at least once since /).waitFor();
    await page.getByText('It was tried with a former username. Type the new one into the device.').waitFor();
    await button(page, 'Nederlands').click();
    await page.getByText('Het is geprobeerd met een vroegere gebruikersnaam.').waitFor();
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
    await link(page, 'Activity').click();
    await page.getByText('It was refused for another reason.').waitFor();
    const changed = page.getByRole('listitem').filter({ hasText: 'Something else changed' });
    expect(await changed.textContent()).toContain('by somebody else');
  });

  test('that cannot be read is named, with a way to try again', async () => {
    const page = await openList();
    await page.route('**/api/activity', (route) => route.abort(), { times: 1 });
    await link(page, 'Activity').click();
    await page.getByText('The service could not be reached.').waitFor();
    await button(page, 'Try again').click();
    await heading(page, 'Changes').waitFor();
  });
});

/** Everything that the tests above lead to, at once. */
async function fill(): Promise<void> {
  await refuseDeleted('Old phone');
  const [idle, stopped] = [await make('Idle'), await make('W'.repeat(60))];
  await asAdministrator('POST', `/api/admin/people/${aliceId}/app-passwords/${stopped.id}/suspend`);
  await age(idle.id, 100);
  await setPolicy({ idleDays: 90, maximumLifetimeDays: 365 });
}

test('reads Dutch', async () => {
  await fill();
  const page = await openList({ locale: 'nl-NL' });
  await page.getByText('Uw beheerder heeft het opgeschort.').waitFor();
  await button(page, 'Idle weer gebruiken').waitFor();
  await button(page, 'Maken').click();
  await page.getByText('Meer keuzes').click();
  await page.getByLabel('Werkt tot').selectOption('Over 30 dagen');
  await button(page, 'Annuleren').click();
  await link(page, 'Een apparaat gebruikt “Old phone” nog').click();
  await page.getByText(/“Old phone”, verwijderd op .+ minstens één keer geprobeerd/).waitFor();
});

test('fits on a small phone, and axe objects to nothing', async () => {
  await fill();
  const page = await openList({ ...phone, reducedMotion: 'reduce' });
  const check = async (state: string) => {
    await checkAccessible(page, state);
    expect(await sideways(page), state).toBe(0);
  };
  await link(page, 'A device still uses').waitFor();
  await check('list');
  await button(page, 'Revive Idle').click();
  await check('revive');
  await button(page, 'Cancel').click();
  await button(page, 'Create').click();
  await page.getByText('More options').click();
  await check('more options');
  await button(page, 'Cancel').click();
  await link(page, 'A device still uses').click();
  await page.getByText('“Old phone” deleted').waitFor();
  await check('activity');
  await setPolicy({ creation: 'nobody' });
  await link(page, 'Back to the list').click();
  await page.getByText('does not allow new app passwords').waitFor();
  await check('no creation');
});
