import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A server program of another project, as it runs in a test. */
export interface Program {
  /** Everything that it printed so far. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/**
 * Starts a program in the foreground and waits until it listens.
 *
 * @throws Error with what it printed, if it ends before.
 */
export async function start(command: string, args: readonly string[], port: number): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit');
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${command} did not start.\n${output}`);
    await pause(20);
  }
  return {
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

export interface Run {
  readonly code: number;
  /** What it printed, errors included. */
  readonly output: string;
}

/** Runs a client program to its end. */
export function run(
  command: string,
  args: readonly string[],
  { home, input }: { readonly home?: string; readonly input?: string } = {},
): Promise<Run> {
  const env = { PATH: process.env.PATH, ...(home !== undefined && { HOME: home }) };
  return new Promise((resolve) => {
    const child = execFile(command, args, { env, timeout: 30_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
    child.stdin?.end(input ?? '');
  });
}
