import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { startService } from '../testing/service.ts';

/** Has Lighthouse look at the page, as a phone on a slow network; prints its figures, and fails below 95. */
const version = '13.5.0';
const wanted = ['performance', 'accessibility', 'best-practices'];

const service = await startService();
const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  'npm',
  [
    ...['exec', '--yes', '--', `lighthouse@${version}`, service.origin, '--quiet'],
    ...['--output=json', `--output-path=${report}`, `--only-categories=${wanted.join(',')}`],
    '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage',
  ],
  { stdio: 'inherit', env: { ...process.env, CHROME_PATH: await sparticuz.executablePath() } },
);
await service.close();
if (status !== 0) throw new Error('Lighthouse did not run');
const { categories } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
for (const name of wanted) {
  const score = Math.round(categories[name].score * 100);
  console.log(`${name}  ${score}`);
  if (score < 95) process.exitCode = 1;
}
