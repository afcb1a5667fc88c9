import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { begin, button, portal, signIn } from '../../testing/portal.ts';

const { origin, issuer, open } = portal();

/** The files that the page loads before it is started, each as it comes. */
async function files() {
  const page = await (await fetch(origin())).text();
  const paths = [...page.matchAll(/(?:src|href)="([^"]+\.\w+)"/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThanOrEqual(3);
  return Promise.all(
    paths
      .filter((path) => path.startsWith('/assets/') || path.startsWith('./assets/'))
      .map((path) => get(path)),
  );
}

async function get(path: string) {
  const response = await fetch(new URL(path, origin()));
  expect(response.status, path).toBe(200);
  const bytes = await response.bytes();
  return { path, response, text: new TextDecoder().decode(bytes), zipped: gzipSync(bytes).length };
}

/** Every file of the page, by following what the files name. */
async function all() {
  const found = new Map<string, Awaited<ReturnType<typeof get>>>();
  const visit = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    const file = await get(path);
    found.set(path, file);
    for (const [, name] of file.text.matchAll(/(?:\.\/|assets\/)([\w-]+-[\w-]{8}\.(?:js|css|svg))/g))
      await visit(`/assets/${name}`);
  };
  await visit('/');
  return [...found.values()];
}

describe('The page', () => {
  test('comes with a strict policy, and its files are kept for ever', async () => {
    const response = await fetch(origin());
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${issuer()}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    expect(response.headers.get('cache-control')).toBe('no-cache');
    for (const { response: file } of await files()) {
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      expect(file.headers.get('content-encoding')).toBe('gzip');
    }
  });

  test.each(['/index.html', '/assets/', '/assets/none.js', '/assets/..%2Findex.html', '/anything'])(
    'answers 404 to %s',
    async (path) => expect((await fetch(origin() + path)).status).toBe(404),
  );

  test('loads at most 60 kB of script before the first password is shown', async () => {
    const page = await open();
    const scripts = new Set<string>();
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.add(response.url());
    });
    await page.reload();
    await signIn(page);
    await begin(page, 'Phone');
    await button(page, en.next).click();
    await page.locator('.password').waitFor();
    const sizes = await Promise.all([...scripts].map(async (url) => (await get(url)).zipped));
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  });

  test('weighs at most 120 kB in all: every script, style and picture, in every language', async () => {
    const everything = await all();
    const languages = everything.filter(({ path }) => /\/(?:en|nl|de)-[\w-]{8}\.js$/.test(path));
    expect(languages).toHaveLength(3);
    const administration = everything.filter(({ path }) => path.includes('administration'));
    expect(administration).toHaveLength(1);
    expect(everything.reduce((sum, { zipped }) => sum + zipped, 0)).toBeLessThanOrEqual(120_000);
  });

  // A lookbehind keeps Safari before 16.4 from reading the whole file, and a static block the one before 16.
  test('has no file that Safari 15.4 or Chrome 90 cannot read', async () => {
    const everything = await all();
    const read = (ending: string) => everything.filter(({ path }) => path.endsWith(ending));
    expect(read('.js').length).toBeGreaterThan(3);
    for (const { path, text } of read('.js')) expect(text, path).not.toMatch(/\(\?<[=!]|\bstatic\s*\{/);
    for (const { path, text } of read('.css'))
      expect(text, path).not.toMatch(/light-dark\(|color-mix\(|[{;]&|:has\(/);
  });

  test('has words in each language before any script, also for a browser that reads none', async () => {
    const words = await (await fetch(origin())).text();
    for (const said of ['too old', 'te oud', 'zu alt', 'needs JavaScript']) expect(words).toContain(said);
  });
});
