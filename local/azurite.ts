import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

// The account that Azurite has for everybody, with its well-known key; it opens nothing but an emulator.
const usualAccount = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const guard = fileURLToPath(new URL('azurite-guard.js', import.meta.url));

export interface Azurite {
  /** Leads to the first account. */
  readonly connectionString: string;
  /** Leads to one of its accounts. */
  readonly connectionTo: (account: string) => string;
  /** Stops it and waits until all that it acknowledged is on disk. */
  close(): Promise<void>;
}

export interface AzuriteOptions {
  /** Where the data is kept; without it the data lives in memory. */
  readonly folder?: string | undefined;
  /** Taken if it is free; 0 for any. */
  readonly preferredPort?: number;
  /** Nothing of one is seen in another. */
  readonly accounts?: readonly string[];
}

/** Starts one of Azurite's services on 127.0.0.1. It ends with the process that started it, and does not keep that alive. */
export async function startAzurite(
  service: 'table' | 'blob',
  { folder, preferredPort = 0, accounts = [usualAccount] }: AzuriteOptions = {},
): Promise<Azurite> {
  const port = await freePort(preferredPort);
  const main = createRequire(import.meta.url).resolve(`azurite/dist/src/${service}/main.js`);
  const place = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  const options = ['--silent', '--disableTelemetry', '--skipApiVersionCheck', ...place];
  // A process group of its own: Ctrl-C in the terminal must not reach it before the functions host has finished.
  const child = spawn(
    process.execPath,
    ['--import', guard, main, `--${service}Port`, `${port}`, ...options],
    {
      detached: true,
      env: { ...process.env, AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${accountKey}`).join(';') },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  await started(child);
  child.unref();
  child.channel?.unref();
  (child.stdout as Socket | null)?.unref();
  const endpoint = service === 'table' ? 'TableEndpoint' : 'BlobEndpoint';
  const connectionTo = (account: string) =>
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};${endpoint}=http://127.0.0.1:${port}/${account};`;
  return {
    connectionString: connectionTo(accounts[0] as string),
    connectionTo,
    async close() {
      if (child.exitCode !== null) return;
      child.ref();
      // Only on SIGINT does it save everything.
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

async function started(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (!line.includes('successfully')) continue;
    child.stdout?.resume();
    return;
  }
  throw new Error('Azurite did not start');
}
