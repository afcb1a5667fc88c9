import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../local/stack-file.ts';
import { median } from './load.ts';

const run = promisify(execFile);

const app = `
  const { loadApp, findFunction, invoke } = await import('${root}local/functions-app.ts');
  const { parsePath } = await import('${root}local/routes.ts');
  const since = performance.now();
  const { http } = await loadApp('${root}');
  const { found } = findFunction(http, 'GET', parsePath('/api/verify'));
  const answer = await invoke(found, { http: { url: 'http://127.0.0.1/api/verify', method: 'GET' } });
  if (String(answer.statusCode) !== '503') throw new Error('answered ' + answer.statusCode);
  process.stdout.write('\\n' + (performance.now() - since));
  process.exit();
`;

const packages = `
  const since = performance.now();
  await import('@azure/functions');
  await import('@azure/data-tables');
  await import('@azure/identity');
  await import('@azure/keyvault-secrets');
  process.stdout.write('\\n' + (performance.now() - since));
`;

/**
 * How long it takes, in milliseconds, to load the built app up to its first answer, and to load the four packages of
 * Azure that it uses from node_modules: medians of seven, in turns, each in a process of its own.
 */
export async function loadingTimes(
  settings: Readonly<Record<string, string>>,
): Promise<{ app: number; packages: number }> {
  const time = async (code: string) => {
    const env = { PATH: process.env.PATH, ...settings };
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: root,
      env,
    });
    return Number(stdout.trim().split('\n').at(-1));
  };
  const times: { app: number; packages: number }[] = [];
  for (let i = 0; i < 7; i++) times.push({ app: await time(app), packages: await time(packages) });
  return { app: median(times.map((it) => it.app)), packages: median(times.map((it) => it.packages)) };
}
