import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('functions-host.ts', import.meta.url));

export interface HostProcess {
  readonly origin: string;
  readonly pid: number;
  /** Everything that the host and the app printed so far, where it is kept. */
  readonly output: () => string;
  /** Resolves once what was printed so far is enough; rejects if the process ends before. */
  printed(isEnough: (output: string) => boolean): Promise<void>;
  /** Ends when the process does, whatever ends it. */
  readonly exited: Promise<unknown>;
  /** Lets requests in flight finish, then ends. */
  stop(): Promise<void>;
}

/**
 * Starts the local functions host as a process of its own, as it reads its settings from the environment.
 *
 * @param app the folder with the package.json that names the functions
 * @param output `pipe` keeps what it prints, `inherit` shows it, `ignore` shows only its errors
 * @param main a glob of the app's files, in the place of that of package.json; the functions are not listed then
 * @throws Error with what it printed, if it ends before it listens.
 */
export async function startHost(
  app: string,
  settings: Readonly<Record<string, string>>,
  {
    port = 0,
    output = 'pipe',
    main,
  }: { port?: number; output?: 'pipe' | 'inherit' | 'ignore'; main?: string } = {},
): Promise<HostProcess> {
  // A process group of its own, so that Ctrl-C reaches it only through the one who started it.
  const sources = main === undefined ? [] : ['--main', main, '--quiet'];
  const child = spawn(process.execPath, [program, '--app', app, '--port', `${port}`, ...sources], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...settings },
    detached: true,
    stdio: ['ignore', output, output === 'ignore' ? 'inherit' : output, 'ipc'],
  });
  let printed = '';
  const onPrinted = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk;
      onPrinted.emit('more');
    });
  }
  const exited = once(child, 'exit');
  const [first] = await Promise.race([once(child, 'message'), exited]);
  if (typeof first !== 'object' || first === null)
    throw new Error(`The functions host did not start.\n${printed}`);
  return {
    origin: (first as { origin: string }).origin,
    pid: child.pid as number,
    output: () => printed,
    async printed(isEnough) {
      while (!isEnough(printed)) {
        const more = await Promise.race([once(onPrinted, 'more'), exited.then(() => undefined)]);
        if (more === undefined && !isEnough(printed)) throw new Error('The functions host has ended.');
      }
    },
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
