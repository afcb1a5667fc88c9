import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('functions-host.ts', import.meta.url));

export interface HostProcess {
  readonly origin: string;
  readonly pid: number;
  /** What the host and the app printed so far, or what they printed until it listened where the rest is not kept. */
  readonly output: () => string;
  /** Ends when the process does, whatever ends it. */
  readonly exited: Promise<unknown>;
  /** Lets requests in flight finish, then ends. */
  stop(): Promise<void>;
}

/**
 * Starts the local functions host as a process of its own, as it reads its settings from the environment.
 *
 * @param app the folder with the package.json that names the functions
 * @param output what becomes of what it prints once it listens
 * @throws Error with what it printed, if it ends before it listens.
 */
export async function startHost(
  app: string,
  settings: Readonly<Record<string, string>>,
  { port = 0, output = 'kept' }: { port?: number; output?: 'kept' | 'shown' | 'dropped' } = {},
): Promise<HostProcess> {
  // A process group of its own, so that Ctrl-C reaches it only through the one who started it.
  const child = spawn(process.execPath, [program, '--app', app, '--port', `${port}`], {
    env: { PATH: process.env.PATH, ...settings },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  let listens = false;
  const collect = (from: Readable, to: Writable) =>
    from.on('data', (chunk: Buffer) => {
      if (output === 'kept' || !listens) printed += chunk;
      if (output === 'shown') to.write(chunk);
    });
  collect(child.stdout as Readable, process.stdout);
  collect(child.stderr as Readable, process.stderr);
  const exited = once(child, 'exit');
  const [first] = await Promise.race([once(child, 'message'), exited]);
  if (typeof first !== 'object' || first === null)
    throw new Error(`The functions host did not start.\n${printed}`);
  listens = true;
  return {
    origin: (first as { origin: string }).origin,
    pid: child.pid as number,
    output: () => printed,
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
