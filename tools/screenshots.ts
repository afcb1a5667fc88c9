import { join } from 'node:path';
import { root } from '../local/stack-file.ts';
import { gateway, person } from '../testing/api.ts';
import { openWindow, pagePort, startBrowser } from '../testing/browser.ts';
import { startService } from '../testing/service.ts';

/** Takes the pictures of the README: a new app password, and the list, as a phone shows them. */
const alice = 'alice@example.com';
const [service, browser] = await Promise.all([startService({ port: await pagePort() }), startBrowser()]);
const api = person(service.origin, await service.token(alice));
for (const name of ['Scanner', 'Laptop']) {
  const { password } = (await api.create(name)).body as { password: string };
  await gateway(service.origin, service.stack.gatewayKey).verify(alice, password, { 'x-protocol': 'imap' });
}

const trouble: string[] = [];
const size = { width: 390, height: 760 };
const { page } = await openWindow(browser, service.origin, trouble, { viewport: size, deviceScaleFactor: 2 });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const take = (name: string) => page.screenshot({ path: join(root, 'docs', name) });
await page.goto('/');
await press('Sign in');
await page.getByLabel(alice).check();
await press('Sign in with second factor');
await press('Create');
await press('iPhone');
await press('Next');
await page.getByRole('heading', { name: 'Your app password' }).waitFor();
await take('portal-create.png');
await press('Copy');
await press('Close');
await page.getByRole('heading', { name: 'iPhone' }).waitFor();
await take('portal-list.png');
await browser.close();
await service.close();
if (trouble.length > 0) throw new Error(trouble.join('\n'));
