import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from './lab.ts';

/**
 * Starts a server program of another project in the foreground, and waits until it is ready; it ends with the lab, and
 * with it the processes that it made: nothing of it is to be kept, and some take half a minute to end by themselves.
 *
 * @param at the port on this machine or the path of the socket where it listens then, or what it prints
 * @throws Error with what it printed, if it ends before, or is not ready within 30 seconds.
 */
export async function start(
  lab: Lab,
  command: string,
  args: readonly string[],
  at: number | string | RegExp,
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit');
  lab.atEnd(async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await exited;
  });
  const deadline = Date.now() + 30_000;
  while (!(at instanceof RegExp ? at.test(output) : await listens(at))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${command} did not start.\n${output}`);
    await pause(20);
  }
}

function listens(at: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at);
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

/**
 * Runs a client program to its end.
 *
 * @param options.patience after how many seconds it is ended
 */
export function run(
  command: string,
  args: readonly string[],
  {
    home,
    input,
    patience = 30,
  }: { readonly home?: string; readonly input?: string; readonly patience?: number } = {},
): Promise<Run> {
  const env = { PATH: process.env.PATH, ...(home !== undefined && { HOME: home }) };
  return new Promise((resolve) => {
    const child = execFile(command, args, { env, timeout: patience * 1000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
    // A program that asks for nothing may end before it could be told.
    child.stdin?.on('error', () => {}).end(input ?? '');
  });
}
