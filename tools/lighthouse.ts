import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sparticuz from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import { median } from '../bench/load.ts';
import { person } from '../testing/api.ts';
import { pagePort } from '../testing/browser.ts';
import { startService } from '../testing/service.ts';

/**
 * Has Lighthouse look at the start page and at the list of somebody who is signed in, as a phone on a slow network.
 * Prints medians of three, and fails where one is too low.
 */
// The identity provider answers from this process, so nothing may block it.
const run = promisify(execFile);
const version = '13.5.0';
const alice = 'alice@example.com';
// What the list waits for is the identity provider, so that its speed says little.
const wanted = {
  start: ['performance', 'accessibility', 'best-practices'],
  list: ['accessibility', 'best-practices'],
};
const atLeast = 98;

const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'));
const service = await startService({ port: await pagePort() });
const own = person(service.origin, await service.token(alice));
for (const name of ['iPhone', 'Thunderbird', 'Scanner']) await own.create(name);
const port = await pagePort();
const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
  executablePath: await sparticuz.executablePath(),
  args: [`--remote-debugging-port=${port}`, '--no-sandbox'],
});

await look('start');
const page = await context.newPage();
await page.goto(service.origin);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByLabel(alice).check();
await page.getByRole('button', { name: 'Sign in with second factor' }).click();
await page.getByText('3 of 40').waitFor();
await page.close();
// Each tab of Lighthouse is as one that was signed in and is loaded anew.
await context.addInitScript("sessionStorage.setItem('signed-in', '')");
let lists = 0;
context.on('response', (response) => {
  if (response.url().endsWith('/api/app-passwords') && response.ok()) lists += 1;
});
await look('list');
if (lists < 3) throw new Error('Lighthouse saw no list.');
await context.close();
await service.close();
rmSync(folder, { recursive: true });

async function look(what: keyof typeof wanted): Promise<void> {
  const reports: Awaited<ReturnType<typeof report>>[] = [];
  while (reports.length < 3) reports.push(await report(what));
  for (const category of wanted[what]) {
    const score = Math.round(median(reports.map(({ categories }) => categories[category]?.score ?? 0)) * 100);
    console.log(`${what}  ${category}  ${score}`);
    if (score >= atLeast) continue;
    process.exitCode = 1;
    console.log(lacking(reports, category).join('\n'));
  }
}

interface Report {
  readonly categories: Readonly<
    Record<string, { score: number; auditRefs: readonly { id: string; weight: number }[] }>
  >;
  readonly audits: Readonly<Record<string, { score: number | null; title: string }>>;
}

async function report(what: keyof typeof wanted): Promise<Report> {
  const file = join(folder, 'report.json');
  await run('npm', [
    ...['exec', '--yes', '--', `lighthouse@${version}`, service.origin, `--port=${port}`, '--quiet'],
    ...['--output=json', `--output-path=${file}`, `--only-categories=${wanted[what].join(',')}`],
    '--disable-storage-reset',
  ]);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The audits for which a category lost points in any report. */
function lacking(reports: readonly Report[], category: string): string[] {
  const lost = reports.flatMap(({ categories, audits }) =>
    (categories[category]?.auditRefs ?? [])
      .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1)
      .map(({ id }) => `  ${audits[id]?.title}`),
  );
  return [...new Set(lost)];
}
