import { execFile } from 'node:child_process';
import { root } from '../local/stack-file.ts';
import { commands } from '../operator/cli.ts';
import { type Commands, type Environment, exitCodeOf } from '../operator/command.ts';
import { systemClock } from '../shared/runtime/system.ts';
import { scripts } from './files.ts';
import { shiftedClock } from './world-clock.ts';

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

/** Runs one of the operator's commands to its end, in this process, by the name of its npm script. */
export function operator(command: string, env: Environment, ...args: string[]): Promise<Run> {
  return runHere(commands, env, command, ...args);
}

/** Runs a command in this process, with nothing of its environment; the standard output is no terminal. */
export async function runHere(commands: Commands, env: Environment, ...args: string[]): Promise<Run> {
  let [stdout, stderr] = ['', ''];
  const code = await exitCodeOf(commands, {
    args,
    env,
    clock: env.SHIFTED_CLOCK === undefined ? systemClock : shiftedClock(env.SHIFTED_CLOCK),
    print: (text) => {
      stdout += `${text}\n`;
    },
    note: (text) => {
      stderr += `${text}\n`;
    },
    terminal: false,
  });
  return { code, stdout, stderr };
}

/** Starts one of the operator's commands as `npm run` does, by the name of its npm script. */
export function startOperator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Running {
  const words = scripts[command]?.split('node ').at(-1)?.split(' ') ?? [];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, ...settings };
  const { promise, resolve } = Promise.withResolvers<Run>();
  const child = execFile(
    process.execPath,
    [...words, ...args],
    { cwd: root, env, maxBuffer: 2 ** 26 },
    (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
  );
  return { pid: child.pid as number, ended: promise };
}
