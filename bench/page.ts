import type { Browser } from 'playwright-core';
import { openWindow, pagePort, startBrowser } from '../testing/browser.ts';
import { startService } from '../testing/service.ts';
import { median } from './load.ts';

/** An old phone on a slow network, as Lighthouse has it. */
const network = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const cpuSlowdown = 4;
const alice = 'alice@example.com';

/** In seconds. */
interface PageTimes {
  /** From the address to the first words. */
  readonly firstWords: number;
  /** From the click at the identity provider to the list. */
  readonly list: number;
}

/** How long an old phone on a slow network waits for the page: medians of five first visits. */
export async function pageTimes(): Promise<PageTimes> {
  const [service, browser] = await Promise.all([startService({ port: await pagePort() }), startBrowser()]);
  const visits: PageTimes[] = [];
  while (visits.length < 5) visits.push(await visit(browser, service.origin));
  await browser.close();
  await service.close();
  return {
    firstWords: median(visits.map(({ firstWords }) => firstWords)),
    list: median(visits.map(({ list }) => list)),
  };
}

async function visit(browser: Browser, origin: string): Promise<PageTimes> {
  const { page, context } = await openWindow(browser, origin, []);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', network);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown });
  await page.goto('/');
  const firstWords = await page.evaluate<number>(
    'performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000',
  );
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel(alice).check();
  const since = performance.now();
  await page.getByRole('button', { name: 'Sign in with second factor' }).click();
  await page.getByText('of 40 app passwords').waitFor();
  const list = (performance.now() - since) / 1000;
  await context.close();
  return { firstWords, list };
}
