import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import { strangePassword } from '../../testing/api.ts';
import {
  alice,
  aliceId,
  bob,
  button,
  checkAccessible,
  heading,
  link,
  loseAnswer,
  passSignIn,
  phone,
  portal,
  refuseOldSignIn,
  sideways,
} from '../../testing/portal.ts';

const helpdesk = 'helpdesk@example.com';
const both = 'both@example.com';
const { asAdministrator, setPolicy, openList, make, verify, refuseDeleted, age } = portal([
  { username: helpdesk, oid: 'helpdesk', roles: [helpdeskRole] },
  { username: both, oid: 'both', roles: [helpdeskRole, adminRole] },
]);

/** What the service says of alice. */
async function aliceNow() {
  return (await asAdministrator('GET', `/api/admin/people/${aliceId}`)).body;
}

async function policyNow() {
  return (await asAdministrator('GET', '/api/admin/policy')).body;
}

/** The administrators' part, as bob or somebody else opens it. */
async function openAdmin(
  options?: Parameters<typeof openList>[0],
  directory?: object,
  username = bob,
): Promise<Page> {
  const page = await openList(options, username);
  if (directory) await page.route('**/api/admin/directory', (route) => route.fulfill({ json: directory }));
  await page.locator('a[href="#admin"]').click();
  await page.locator('#username').waitFor();
  return page;
}

async function find(page: Page, username = alice): Promise<void> {
  await page.locator('#username').fill(username);
  await page.locator('form button').click();
}

/** The page with alice on it. */
async function openAlice(...as: Parameters<typeof openAdmin>): Promise<Page> {
  const page = await openAdmin(...as);
  await find(page);
  await page.getByRole('heading', { name: alice, level: 2 }).waitFor();
  return page;
}

describe('the administrators’ part', () => {
  test('is offered to nobody else, and of no use to them', async () => {
    const page = await openList();
    expect(await link(page, 'Administration').count()).toBe(0);
    await page.evaluate('location.hash = "#admin"');
    await find(page);
    await page.getByText('This needs the app role AppPasswords.Admin').first().waitFor();
  });

  test('is loaded by nobody else', async () => {
    const page = await openList();
    const loaded = () =>
      page.evaluate<string[]>('performance.getEntriesByType("resource").map(({ name }) => name)');
    expect((await loaded()).filter((name) => name.includes('/administration-'))).toEqual([]);
    await page.evaluate('location.hash = "#admin"');
    await page.locator('#username').waitFor();
    expect((await loaded()).filter((name) => name.includes('/administration-'))).toHaveLength(1);
  });

  test('says that its files could not be loaded', async () => {
    const page = await openList({}, bob);
    await page.route('**/assets/administration-*', (route) => route.abort());
    await link(page, 'Administration').click();
    await page.getByText('The service could not be reached.').waitFor();
  });

  test('says that nobody has a username', async () => {
    const page = await openAdmin();
    await find(page, 'nobody@example.com');
    await page.getByText('Nobody here has this username.').waitFor();
  });
});

describe('a person', () => {
  test('is shown with what explains a refused sign-in', async () => {
    await refuseDeleted('Old phone');
    const { password } = await make('Laptop');
    expect(await verify(password, { 'x-protocol': 'smtp' })).toBe(200);
    expect(await verify(strangePassword(), { 'x-client-address': '198.51.100.9' })).toBe(401);
    await expect.poll(async () => (await aliceNow()).refusals, { timeout: 10_000 }).not.toBeNull();
    await expect
      .poll(async () => (await aliceNow()).appPasswords[0].lastUsed, { timeout: 10_000 })
      .not.toBeNull();
    const page = await openAlice();
    await page.getByText('Account enabled').waitFor();
    await page.getByText('No directory is configured').waitFor();
    await page.getByText('1 of 40 app passwords').waitFor();
    await page.getByText(/Last used .+ \(SMTP, gateway local\)/).waitFor();
    await page.getByText(/Made after a sign-in with pwd and mfa\. Signed in .+\./).waitFor();
    const item = (text: string) => page.getByRole('listitem').filter({ hasText: text });
    const deleted = item('It was deleted.');
    expect(await deleted.textContent()).toMatch(
      /\d:\d\d:\d\d.*“Old phone”.*IMAP, gateway local, 203\.0\.113\.7/,
    );
    expect(await item('This app password is not known.').textContent()).toMatch(
      /A password that this person never had.*198\.51\.100\.9/,
    );
    await page.getByText('Refused at least once since').first().waitFor();
    expect(await item('“Laptop” created').textContent()).toContain('by the person');
    expect(page.url()).toMatch(/\/#admin$/);
    expect(await page.content()).not.toContain(password);
  });

  test('is shown also with kinds of refusals and changes that only a newer service knows', async () => {
    await refuseDeleted('Old phone');
    const page = await openAdmin();
    await page.route(`**/api/admin/people/${aliceId}`, async (route) => {
      const answer = await (await route.fetch()).json();
      answer.deleted[0].refusals.recent[0].reason = 'unheard-of';
      Object.assign(answer.changes[0], { kind: 'unheard-of', by: 'unheard-of' });
      await route.fulfill({ json: answer });
    });
    await find(page);
    await page.getByText('It was refused for another reason.').waitFor();
    const changed = page.getByRole('listitem').filter({ hasText: 'Something else changed' });
    expect(await changed.textContent()).toContain('by someone else');
  });

  test('has an app password paused, turned back on and deleted', async () => {
    const { password } = await make('Phone');
    const page = await openAlice();
    await button(page, 'Pause Phone').click();
    await button(page, 'Pause it').click();
    await page.getByText('The app password for Phone is paused.').waitFor();
    expect(await verify(password)).toBe(401);
    await button(page, 'Close').click();
    await page.getByText('An administrator paused it.').waitFor();
    await button(page, 'Turn back on: Phone').click();
    await button(page, 'Turn it back on').click();
    await page.getByText('The app password for Phone is turned back on.').waitFor();
    expect(await verify(password)).toBe(200);
    await button(page, 'Close').click();
    await button(page, 'Delete Phone').click();
    await heading(page, 'Delete the app password for Phone?').waitFor();
    await button(page, 'Delete it').click();
    await page.getByText('is deleted. The device can no longer sign in.').waitFor();
    expect(await verify(password)).toBe(401);
    await button(page, 'Close').click();
    await page.getByText('0 of 40 app passwords').waitFor();
  });

  test('has all app passwords deleted, also when the first answer is lost', async () => {
    for (const name of ['Phone', 'Laptop']) await make(name);
    const page = await openAlice();
    await button(page, 'Delete all').click();
    await page.getByText('There are 2.').waitFor();
    await loseAnswer(page, '**/delete-all', 'POST');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete all' }).click();
    await button(page, 'Try again').click();
    await page.getByText(`All app passwords of ${alice} are deleted.`).waitFor();
    expect((await aliceNow()).appPasswords).toEqual([]);
  });

  test('has the account disabled and enabled', async () => {
    const { password } = await make('Phone');
    const page = await openAlice();
    await button(page, 'Disable the account').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable the account' }).click();
    await page.getByText(`The account of ${alice} is disabled.`).waitFor();
    expect(await verify(password)).toBe(401);
    await button(page, 'Close').click();
    await page.getByText('The account is disabled.', { exact: true }).waitFor();
    await button(page, 'Enable the account').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Enable the account' }).click();
    await page.getByText(`The account of ${alice} is enabled.`).waitFor();
    expect(await verify(password)).toBe(200);
  });

  test('gets another username', async () => {
    await make('Phone');
    const page = await openAlice();
    await button(page, 'Set the username').click();
    await page.getByLabel('New username').fill('two words');
    const submit = page.getByRole('dialog').locator('button[type=submit]');
    await submit.click();
    await page.getByText('This cannot be a username.').waitFor();
    await page.getByLabel('New username').fill('alice.smith@example.com');
    await submit.click();
    await page.getByText('The username is set.').waitFor();
    await button(page, 'Close').click();
    await page.getByRole('heading', { name: 'alice.smith@example.com', level: 2 }).waitFor();
    expect((await aliceNow()).username).toBe('alice.smith@example.com');
  });

  test('is erased only by who types the username', async () => {
    const { password } = await make('Phone');
    const page = await openAlice();
    await button(page, 'Erase the person').click();
    const field = page.getByRole('dialog').getByLabel('Username');
    await field.fill('bob@example.com');
    const submit = page.getByRole('dialog').locator('button[type=submit]');
    await submit.click();
    expect(await page.evaluate<string>('document.querySelector("#typed").validationMessage')).toBe(
      'This is not the username of this person.',
    );
    expect(await verify(password)).toBe(200);
    await field.fill(alice);
    await submit.click();
    await page.getByText(`${alice} is erased.`).waitFor();
    expect(await verify(password)).toBe(401);
    await button(page, 'Close').click();
    await expect.poll(() => page.getByRole('heading', { name: alice }).count()).toBe(0);
    expect((await asAdministrator('GET', `/api/admin/people/${aliceId}`)).status).toBe(404);
  });

  test('is still there after another sign-in, and so is what was being done', async () => {
    await make('Phone');
    const page = await openAlice();
    await button(page, 'Pause Phone').click();
    await refuseOldSignIn(page, '**/suspend', 'POST');
    await button(page, 'Pause it').click();
    await page.getByText('You signed in a while ago.').waitFor();
    await button(page, 'Continue').click();
    await passSignIn(page, bob);
    await heading(page, 'Pause the app password for Phone?').waitFor();
    expect(page.url()).toMatch(/\/#admin$/);
    await button(page, 'Pause it').click();
    await page.getByText('The app password for Phone is paused.').waitFor();
    await button(page, 'Close').click();
    await button(page, 'Turn back on: Phone').waitFor();
  });

  test('belongs to the directory, where there is one', async () => {
    await make('Phone');
    const page = await openAlice(
      {},
      { configured: true, lastSuccessAt: '2026-05-03T10:00:00Z', isCheckingEverybody: true },
    );
    await page.getByText('Everybody is being checked.').waitFor();
    await page.getByText(/The directory last answered May 3, 2026/).waitFor();
    expect(await button(page, 'Disable the account').count()).toBe(0);
    expect(await button(page, 'Set the username').count()).toBe(0);
    expect(await button(page, 'Erase the person').count()).toBe(1);
  });
});

/** The administrators' part, with the policy. */
async function openPolicy(options?: Parameters<typeof openList>[0]): Promise<Page> {
  const page = await openAdmin(options);
  await page.locator('a[href="#admin-policy"]').click();
  await page.locator('#limit').waitFor();
  return page;
}

describe('the policy', () => {
  test('is changed', async () => {
    const page = await openPolicy();
    await page.getByLabel('Who may create app passwords').selectOption('Nobody');
    await page.getByLabel('Maximum validity (days)').fill('365');
    await page.getByLabel('Pause after this many days without use').fill('90');
    await page.getByLabel('App passwords per person').fill('5');
    await page.getByLabel('POP3').uncheck();
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect(await policyNow()).toEqual({
      creation: 'nobody',
      verification: 'allowed',
      maximumLifetimeDays: 365,
      idleDays: 90,
      protocols: ['imap', 'smtp', 'sieve', 'eas', 'dav', 'radius', 'ldap'],
      limit: 5,
    });
    await page.getByLabel('POP3').check();
    await page.getByLabel('Maximum validity (days)').fill('');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect(await policyNow()).toMatchObject({ maximumLifetimeDays: null, protocols: null });
  });

  test('that stops everything says so on the button', async () => {
    const { password } = await make('Phone');
    const page = await openPolicy();
    await page.getByLabel('Sign-in with app passwords').selectOption('Denied');
    await button(page, 'Save, and stop all devices').click();
    await page.getByText('Saved.').waitFor();
    expect(await verify(password)).toBe(401);
  });

  test('that somebody else changed in between is shown as it is now', async () => {
    const page = await openPolicy();
    await page.getByLabel('App passwords per person').fill('7');
    await setPolicy({ limit: 9 });
    await button(page, 'Save').click();
    await page.getByText('Someone else changed the policy; this is the new version.').waitFor();
    expect(await page.getByLabel('App passwords per person').inputValue()).toBe('9');
    await page.getByLabel('App passwords per person').fill('7');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect((await policyNow()).limit).toBe(7);
  });

  test('is known to be saved after a lost answer', async () => {
    const page = await openPolicy();
    await page.getByLabel('App passwords per person').fill('7');
    await loseAnswer(page, '**/api/admin/policy', 'PUT');
    await button(page, 'Save').click();
    await page.getByText('No answer yet.').waitFor();
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect(await page.getByText('Someone else').count()).toBe(0);
  });

  test('is filled in as before after another sign-in', async () => {
    const page = await openPolicy();
    await page.getByLabel('App passwords per person').fill('7');
    await refuseOldSignIn(page, '**/api/admin/policy', 'PUT');
    await button(page, 'Save').click();
    await button(page, 'Continue').click();
    await passSignIn(page, bob);
    await page.locator('#limit').waitFor();
    expect(await page.getByLabel('App passwords per person').inputValue()).toBe('7');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect((await policyNow()).limit).toBe(7);
  });
});

describe('the report', () => {
  const row = (page: Page, name: string) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      .getByRole('cell');

  test('counts everybody', async () => {
    for (const name of ['Phone', 'Laptop']) await make(name);
    const page = await openAdmin();
    await link(page, 'Report').click();
    await button(page, 'Make the report').click();
    await page.getByText(/^Complete: \d+ (person|people)$/).waitFor();
    expect(await row(page, 'App passwords').textContent()).toBe('2');
    expect(await row(page, 'Never used').textContent()).toBe('2');
    expect(await row(page, 'Last used for IMAP').textContent()).toBe('0');
  });

  test('adds up page after page, until it is stopped', async () => {
    await make('Phone');
    const page = await openAdmin();
    let pages = 0;
    let goOn = () => {};
    const isStopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // As if there were people without end.
    await page.route('**/api/admin/report*', async (route) => {
      pages += 1;
      if (pages === 2) await isStopped;
      const response = await route.fetch({ url: route.request().url().replace(/\?.*/, '') });
      await route.fulfill({ response, json: { ...(await response.json()), continuation: 'more' } });
    });
    await link(page, 'Report').click();
    await button(page, 'Make the report').click();
    await page.getByText(/so far$/).waitFor();
    expect(await row(page, 'App passwords').textContent()).toBe('1');
    await button(page, 'Stop').click();
    goOn();
    await button(page, 'Go on').waitFor();
    expect(await row(page, 'App passwords').textContent()).toBe('2');
    expect(pages).toBe(2);
  });

  test('goes on where the network failed', async () => {
    await make('Phone');
    const page = await openAdmin();
    await link(page, 'Report').click();
    await page.route('**/api/admin/report*', (route) => route.abort(), { times: 1 });
    await button(page, 'Make the report').click();
    await page.getByText('The service could not be reached.').waitFor();
    await button(page, 'Try again').click();
    await page.getByText(/^Complete: \d+ (person|people)$/).waitFor();
    expect(await row(page, 'App passwords').textContent()).toBe('1');
  });
});

describe('the helpdesk', () => {
  const { onlyLooking } = en.admin;
  const asHelpdesk = (options?: Parameters<typeof openList>[0]) => openAlice(options, undefined, helpdesk);

  test('reads states and reasons, and finds no button that changes anything', async () => {
    await fill();
    const page = await asHelpdesk();
    await page.getByText(onlyLooking).waitFor();
    await page.getByText('An administrator paused it.').waitFor();
    await page.getByText('Unused for a long time.').waitFor();
    await page.getByText('It was deleted.').waitFor();
    // With no directory, an administrator has the most to do.
    await page.getByText('No directory is configured').waitFor();
    expect(await page.locator('main button').allTextContents()).toEqual(['Find']);
  });

  test('reads the policy, as it is', async () => {
    await setPolicy({ idleDays: 90, protocols: ['imap', 'smtp'], creation: 'app-role' });
    const page = await openAdmin({}, undefined, helpdesk);
    await link(page, 'Policy').click();
    await page.locator('dl').waitFor();
    expect(await page.locator('dt').allTextContents()).toEqual(Object.values(en.admin.policy));
    expect(await page.locator('dd').allTextContents()).toEqual([
      'People with the app role AppPasswords.User',
      'Allowed',
      'No maximum',
      '90',
      '40',
      'IMAP and SMTP',
    ]);
    expect(await page.locator('main').locator('input, select, form').count()).toBe(0);
  });

  test('makes the report', async () => {
    const page = await openAdmin({}, undefined, helpdesk);
    await link(page, 'Report').click();
    await button(page, 'Make the report').click();
    await page.getByText(/^Complete: \d+ (person|people)$/).waitFor();
  });

  test('does not go on with what an administrator began', async () => {
    const { password } = await make('Phone');
    const page = await openAlice();
    await button(page, 'Pause Phone').click();
    await refuseOldSignIn(page, '**/suspend', 'POST');
    await button(page, 'Pause it').click();
    await button(page, 'Continue').click();
    await passSignIn(page, helpdesk);
    await page.getByText(onlyLooking).waitFor();
    await page.getByRole('heading', { name: alice, level: 2 }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await verify(password)).toBe(200);
  });

  test('that is an administrator as well changes what administrators change', async () => {
    await make('Phone');
    const page = await openAlice({}, undefined, both);
    expect(await page.getByText(onlyLooking).count()).toBe(0);
    await button(page, 'Pause Phone').click();
    await button(page, 'Pause it').click();
    await page.getByText('The app password for Phone is paused.').waitFor();
  });

  test('reads Dutch, on a small phone, and axe objects to nothing', async () => {
    await fill();
    const page = await asHelpdesk({ ...phone, locale: 'nl-NL' });
    await page.getByText(nl.admin.onlyLooking).waitFor();
    await checkAccessible(page, 'person');
    expect(await sideways(page)).toBe(0);
    await link(page, nl.admin.policyTitle).click();
    await page.getByText(nl.admin.policy.maximumLifetimeDays).waitFor();
    await page.getByText(nl.admin.unrestricted.protocols, { exact: true }).waitFor();
    await checkAccessible(page, 'policy');
    expect(await sideways(page)).toBe(0);
  });
});

/** Something for every part of the page. */
async function fill(): Promise<void> {
  await refuseDeleted('Old phone');
  const [idle, stopped] = [await make('Idle'), await make('W'.repeat(60))];
  await asAdministrator('POST', `/api/admin/people/${aliceId}/app-passwords/${stopped.id}/suspend`);
  await age(idle.id, 100);
  await setPolicy({ idleDays: 90, maximumLifetimeDays: 365 });
}

test('reads Dutch', async () => {
  await fill();
  const page = await openAlice({ locale: 'nl-NL' });
  await page.getByText(nl.admin.instead.suspendedFor.administrator).waitFor();
  await page.getByText(nl.changes.deleted('“Old phone”')).waitFor();
  await button(page, nl.admin.erase).click();
  await button(page, nl.cancel).click();
  await link(page, nl.admin.policyTitle).click();
  await page.getByLabel(nl.admin.policy.creation).waitFor();
  await link(page, nl.admin.reportTitle).click();
  await button(page, nl.admin.start).click();
  await page.getByText(/^Volledig: \d+ (persoon|personen)$/).waitFor();
});

test.each(['light', 'dark'] as const)(
  'fits on a small phone in %s colours, and axe objects to nothing',
  async (colorScheme) => {
    await fill();
    const page = await openAlice({ ...phone, colorScheme, reducedMotion: 'reduce' });
    const check = async (state: string) => {
      await checkAccessible(page, state);
      expect(await sideways(page), state).toBe(0);
    };
    await check('person');
    await button(page, 'Pause Idle').click();
    await check('suspend');
    await button(page, 'Cancel').click();
    await button(page, 'Erase the person').click();
    await check('erase');
    await button(page, 'Cancel').click();
    await link(page, 'Policy').click();
    await page.getByLabel('Sign-in with app passwords').selectOption('Denied');
    await check('policy');
    await link(page, 'Report').click();
    await button(page, 'Make the report').click();
    await page.getByText(/^Complete: \d+ (person|people)$/).waitFor();
    await check('report');
  },
);
