import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Refused } from '../operator/refused.ts';

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the local stack keeps its data. */
export const folder = `${root}.local`;

const file = `${folder}/stack.json`;

/** What a running stack tells the programs on this machine. */
export interface RunningStack {
  /** Where the functions answer. */
  readonly origin: string;
  readonly issuer: string;
  /** The connection string of the tables. */
  readonly tables: string;
  /** A gateway key that works. */
  readonly gatewayKey: string;
  readonly pid: number;
}

/** The stack that runs in this folder; undefined where none does. */
export function runningStack(): RunningStack | undefined {
  if (!existsSync(file)) return undefined;
  const stack = JSON.parse(readFileSync(file, 'utf8')) as RunningStack;
  try {
    process.kill(stack.pid, 0);
    return stack;
  } catch {
    return undefined;
  }
}

/** The stack that runs in this folder. @throws Refused where none does. */
export function needStack(): RunningStack {
  const stack = runningStack();
  if (stack === undefined) throw new Refused('Nothing is running here: start it with npm start');
  return stack;
}

/** Tells the others that a stack runs. The file holds a key, so only its owner may read it. */
export function announce(stack: RunningStack): void {
  writeFileSync(file, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
}

/** Takes the announcement back. */
export function retract(): void {
  rmSync(file, { force: true });
}
