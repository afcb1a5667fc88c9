import { rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.ts';
import { startHost } from './host-process.ts';
import { unpackApp } from './package.ts';
import { startStack } from './stack.ts';
import { announce, folder, retract, root, runningStack } from './stack-file.ts';

const settingsFile = `${root}local.settings.json`;

/** What answers at the origin. */
interface Running {
  stop(): Promise<void>;
  /** Ends if it ends by itself. */
  readonly exited?: Promise<unknown>;
}

/**
 * Starts the whole product on this machine: what was built here, or with --package FILE what `npm run package` packed,
 * or with --watch what is in the sources, also after each change; with --without-host, everything but the functions host.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7071' },
      fresh: { type: 'boolean' },
      package: { type: 'string' },
      watch: { type: 'boolean' },
      'without-host': { type: 'boolean' },
    },
  });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
    fail('--port takes a number from 0 to 65535.');
  if (values.watch && (values.package !== undefined || values['without-host']))
    fail('"npm run dev" runs the sources: it takes neither --package nor --without-host.');
  const other = runningStack();
  if (other !== undefined) {
    fail(
      `A stack is running already at ${other.origin}. Stop it with Ctrl-C where it runs (process ${other.pid}).`,
    );
  }
  const app = values.package === undefined ? { folder: root, remove() {} } : unpack(values.package);
  if (values.fresh) rmSync(folder, { recursive: true, force: true });

  const wanted = Number(values.port);
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted)
    fail(`Port ${wanted} is in use. Take another one with --port N, or any with --port 0.`);
  const origin = `http://127.0.0.1:${port}`;
  const stack = await startStack({ origin, folder, usualPorts: wanted !== 0, withBlobs: true });
  writeFileSync(
    settingsFile,
    `${JSON.stringify({ IsEncrypted: false, Values: stack.settings, Host: { LocalHttpPort: port } }, null, 2)}\n`,
    { mode: 0o600 },
  );
  const running: Running | undefined = values['without-host']
    ? undefined
    : values.watch
      ? await watch(stack.settings, port)
      : await startHost(app.folder, stack.settings, { port, output: 'inherit' });
  const { issuer, tables, gatewayKey } = stack;
  announce({ origin, issuer, tables, gatewayKey, pid: process.pid });
  console.log(running === undefined ? withoutHost(origin, issuer) : welcome(origin, issuer, values.watch));

  const signal = await ending(running?.exited);
  console.log(`\n${signal}: stopping ...`);
  retract();
  await running?.stop();
  await stack.close();
  app.remove();
  process.exit(signal === 'The functions host ended' ? 1 : 0);
}

function unpack(file: string) {
  try {
    return unpackApp(file);
  } catch (error) {
    return fail(`--package takes the zip that "npm run package" makes: ${(error as Error).message}`);
  }
}

/** Loads what serves sources only where it is asked for. */
async function watch(settings: Readonly<Record<string, string>>, port: number): Promise<Running> {
  const { startDevServer } = await import('./dev-server.ts');
  return startDevServer(settings, port);
}

function ending(exited: Promise<unknown> | undefined): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    exited?.then(() => resolve('The functions host ended'));
  });
}

function welcome(origin: string, issuer: string, isWatching = false): string {
  const change = isWatching ? '\nWhat you change in portal/, functions/ and shared/ is there at once.' : '';
  return `
App Passwords is running. Ctrl-C stops it; what it stores stays in .local.${change}

  page               ${origin}/
  API                ${origin}/api
  identity provider  ${issuer}   (alice@example.com, bob@example.com)

Next, in another terminal, sign in as alice with a second factor, and create an app password:

  export TOKEN=$(npm run --silent token -- alice@example.com)
  npm run --silent call -- POST /api/app-passwords '{"name": "Phone"}'
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
