import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../local/stack-file.ts';
import { defaultPolicy } from '../shared/domain/policy/policy.ts';
import { profileKey } from '../shared/tables/rows.ts';
import { administrator, gateway, person } from '../testing/api.ts';
import { openWindow, pagePort, startBrowser } from '../testing/browser.ts';
import { startService } from '../testing/service.ts';

/**
 * Takes the pictures of the README anew: the list, a new app password with the steps for the device, and the moment when
 * the device has signed in; light and dark, on a phone and on a desktop.
 */
const alice = 'alice@example.com';
const bob = 'bob@example.com';
const folder = join(root, 'docs/page');
const atMost = 100_000;
const devices = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
};

const [service, browser] = await Promise.all([
  startService({
    port: await pagePort(),
    settings: () => ({
      PORTAL_ORGANIZATION: 'Example University',
      PORTAL_SUPPORT: 'https://help.example.com/mail',
    }),
  }),
  startBrowser(),
]);
const own = person(service.origin, await service.token(alice));
const { verify } = gateway(service.origin, service.stack.gatewayKey);
await fill();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const trouble: string[] = [];
for (const device of ['phone', 'desktop'] as const)
  for (const colorScheme of ['light', 'dark'] as const) await takeAll(device, colorScheme);
await browser.close();
await service.close();
if (trouble.length > 0) throw new Error(trouble.join('\n'));

/** App passwords in every state that there is. */
async function fill(): Promise<void> {
  const { policy, setPolicy } = administrator(service.origin, await service.token(bob));
  await setPolicy({ ...defaultPolicy, idleDays: 90 }, (await policy()).headers.get('etag') ?? '');
  const create = async (name: string, more: Parameters<typeof own.create>[2] = {}) =>
    (await own.create(name, {}, more)).body as { id: string; password: string };
  const tablet = await create('Old tablet');
  await change(tablet.id, { createdAt: before(3000), ...use(2500, 'eas') });
  const laptop = await create('Laptop on loan', { lifetimeDays: 1 });
  await change(laptop.id, { createdAt: before(900), expiresAt: before(200), ...use(210, 'imap') });
  const camera = await create('Camera', { protocols: ['smtp'] });
  await verify(alice, camera.password, { 'x-protocol': 'imap' });
  while ((await own.activity()).body.refusals.length === 0);
  await create('Scanner');
  await change((await create('Thunderbird')).id, use(50, 'smtp'));
  await change((await create('Calendar on the wall')).id, use(3, 'dav'));
}

function before(hours: number): Date {
  return new Date(Date.now() - hours * 3_600_000);
}

/** Columns that say when it was used last, and for what. */
function use(hours: number, protocol: string) {
  return { lastUsedAt: before(hours), lastUsedProtocol: protocol, lastUsedGateway: 'local' };
}

/** Changes columns of an app password. */
async function change(id: string, columns: object): Promise<void> {
  const { passwords } = service.tables;
  for await (const row of passwords.listEntities<{ id?: string }>()) {
    if (row.id !== id || row.rowKey === profileKey) continue;
    const { partitionKey = '', rowKey = '' } = row;
    await passwords.updateEntity({ partitionKey, rowKey, ...columns }, 'Merge');
  }
}

async function takeAll(device: keyof typeof devices, colorScheme: 'light' | 'dark'): Promise<void> {
  const window = { ...devices[device], colorScheme, reducedMotion: 'reduce' as const };
  const { page, context } = await openWindow(browser, service.origin, trouble, window);
  const devtools = await context.newCDPSession(page);
  const take = async (name: string) => {
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 85 });
    const picture = Buffer.from(data, 'base64');
    const file = `${name}-${device}-${colorScheme}.webp`;
    if (picture.length > atMost) throw new Error(`${file} has ${picture.length} bytes, more than ${atMost}`);
    writeFileSync(join(folder, file), picture);
  };
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await page.goto('/');
  await press('Sign in');
  await page.getByLabel(alice).check();
  await press('Sign in with second factor');
  await page.getByText('Refused', { exact: true }).waitFor();
  await take('list');
  await press('Create');
  await page.getByText('iPhone or iPad').click();
  await press('Next');
  await press('Copy');
  await page.getByText('Waiting for iPhone to sign in').waitFor();
  await take('create');
  await signInWith(page);
  await page.getByText('iPhone signed in just now.').waitFor();
  await take('signed-in-just-now');
  await context.close();
  const { body } = await own.list();
  await own.remove(body.appPasswords.find(({ name }: { name: string }) => name === 'iPhone').id);
}

/** What the device does with what was copied. */
async function signInWith(page: Page): Promise<void> {
  const password = await page.evaluate<string>('navigator.clipboard.readText()');
  const { status } = await verify(alice, password, { 'x-protocol': 'imap' });
  if (status !== 200) throw new Error(`The new app password got ${status}.`);
}
