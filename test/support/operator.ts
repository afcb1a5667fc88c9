import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { scripts } from './files.ts';

export interface Run {
  /** -1 for a command that was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Run>;
}

/** Runs one of the operator's commands, as `npm run` does. */
export function operator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Run> {
  return startOperator(command, settings, ...args).ended;
}

/** Starts one of the operator's commands, with the options for Node that `npm run` gives it. */
export function startOperator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Running {
  const program = fileURLToPath(new URL(`../../operator/${command}.ts`, import.meta.url));
  const script = Object.values(scripts).find((it) => it.endsWith(` operator/${command}.ts`)) ?? '';
  const options = script.split(' ').filter((word) => word.startsWith('--'));
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, ...settings };
  const { promise, resolve } = Promise.withResolvers<Run>();
  const child = execFile(
    process.execPath,
    [...options, program, ...args],
    { env, maxBuffer: 2 ** 26 },
    (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
  );
  return { pid: child.pid as number, ended: promise };
}
