import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.ts';
import { type HostProcess, startHost } from './host-process.ts';
import { startStack } from './stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}.local`;
const stackFile = `${folder}/stack.json`;
const settingsFile = `${root}local.settings.json`;

/** Starts the whole product on this machine; with --without-host, everything but the functions host. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7071' },
      fresh: { type: 'boolean' },
      'without-host': { type: 'boolean' },
    },
  });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
    fail('--port takes a number from 0 to 65535.');
  refuseSecond();
  if (values.fresh) rmSync(folder, { recursive: true, force: true });

  const wanted = Number(values.port);
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted)
    fail(`Port ${wanted} is in use. Take another one with --port N, or any with --port 0.`);
  const origin = `http://127.0.0.1:${port}`;
  const stack = await startStack({ origin, folder, usualPorts: wanted !== 0 });
  writeFileSync(
    settingsFile,
    `${JSON.stringify({ IsEncrypted: false, Values: stack.settings, Host: { LocalHttpPort: port } }, null, 2)}\n`,
    { mode: 0o600 },
  );
  const host = values['without-host']
    ? undefined
    : await startHost(root, stack.settings, { port, echo: true });
  const { issuer, tables, gatewayKey } = stack;
  writeFileSync(
    stackFile,
    JSON.stringify({ origin, issuer, tables, gatewayKey, pid: process.pid }, null, 2),
    {
      mode: 0o600,
    },
  );
  console.log(host === undefined ? withoutHost(origin, issuer) : welcome(origin, issuer));

  const signal = await ending(host);
  console.log(`\n${signal}: stopping ...`);
  rmSync(stackFile, { force: true });
  await host?.stop();
  await stack.close();
  process.exit(signal === 'The functions host ended' ? 1 : 0);
}

/** Two stacks would write into the same files. */
function refuseSecond(): void {
  if (!existsSync(stackFile)) return;
  const { pid, origin } = JSON.parse(readFileSync(stackFile, 'utf8')) as { pid: number; origin: string };
  try {
    process.kill(pid, 0);
  } catch {
    return;
  }
  fail(`A stack is running already at ${origin}. Stop it with Ctrl-C where it runs (process ${pid}).`);
}

function ending(host: HostProcess | undefined): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    host?.exited.then(() => resolve('The functions host ended'));
  });
}

function welcome(origin: string, issuer: string): string {
  return `
App Passwords is running. Ctrl-C stops it; what it stores stays in .local.

  API                ${origin}/api
  identity provider  ${issuer}   (alice@example.com, bob@example.com)

Next, in another terminal, get a token for alice, who signs in with a second factor:

  TOKEN=$(npm run --silent token -- alice@example.com)
`;
}

function withoutHost(origin: string, issuer: string): string {
  return `
Everything but the functions host is running. Ctrl-C stops it; what it stores stays in .local.

  identity provider  ${issuer}   (alice@example.com, bob@example.com)

Next, in another terminal:

  npm run build && func start

Then ${origin}/api/health answers.
`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

await main();
