import sparticuz from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Starts a real Chromium: the one of an npm package on Linux, elsewhere the Chrome that is installed. */
export async function startBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' });
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args: sparticuz.args });
}

/** A window of its own, as a person opens it; `trouble` collects what the page's policy or its own code complains of. */
export async function openWindow(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext; trouble: string[] }> {
  const context = await browser.newContext({ baseURL: origin, locale: 'en-US', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) trouble.push(message.text());
  });
  return { page, context, trouble };
}
