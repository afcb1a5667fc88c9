// Runs one of the project's npm scripts, also in a fresh clone: node operator/hooks/npm-run.js SCRIPT [ARGUMENT...]
// Plain JavaScript that any Node can read; the script itself runs on the Node of the project, as npm puts that first.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [script, ...words] = process.argv.slice(2);

if (!isInstalled()) {
  console.error('Installing the dependencies (npm ci), which takes a minute ...');
  npm('ci --no-audit --no-fund --loglevel=error');
}
npm(`run --silent ${script} -- ${words.join(' ')}`);

/** Whether everything in the lock file is there, but for what another platform needs. */
function isInstalled() {
  const installed = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const { packages } = JSON.parse(readFileSync(installed, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || packages[path]?.version === version,
  );
}

/** On Windows npm is a batch file, which only a shell can start; the words come from azure.yaml. */
function npm(command) {
  const { status, error } = spawnSync(`npm ${command}`, { cwd: root, shell: true, stdio: 'inherit' });
  if (error) console.error(`npm did not start (${error.message}): install Node and npm from nodejs.org.`);
  if (status !== 0) process.exit(status ?? 1);
}
