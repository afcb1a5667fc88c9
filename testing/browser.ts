import sparticuz from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { freePort } from '../local/free-port.ts';

/** A free port that the system gives to nobody else before it is used: those begin at 32768. */
export function pagePort(): Promise<number> {
  return freePort(20_000 + Math.floor(Math.random() * 10_000));
}

/**
 * Starts a real Chromium: the one of an npm package on Linux, elsewhere the Chrome that is installed. It protects what it
 * shows as a person's does: the arguments that the package advises are not taken, as they switch that off.
 */
export async function startBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' });
  return chromium.launch({ executablePath: await sparticuz.executablePath() });
}

/**
 * A window of its own, as a person opens it.
 *
 * @param trouble collects what the page's policy or its own code complains of
 */
export async function openWindow(
  browser: Browser,
  origin: string,
  trouble: string[],
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ baseURL: origin, locale: 'en-US', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) trouble.push(message.text());
  });
  return { page, context };
}
