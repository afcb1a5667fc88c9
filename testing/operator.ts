import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Command, type Environment, exitCodeOf } from '../operator/command.ts';
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

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  backup: async () => (await import('../operator/backup.ts')).backup,
  capacity: async () => (await import('../operator/capacity.ts')).capacity,
  entra: async () => (await import('../operator/entra.ts')).entra,
  gateway: async () => (await import('../operator/gateway.ts')).gateway,
  'gateway-check': async () => (await import('../operator/gateway-check.ts')).gatewayCheck,
  pepper: async () => (await import('../operator/pepper.ts')).pepper,
  report: async () => (await import('../operator/report.ts')).report,
  settings: async () => (await import('../operator/settings.ts')).settings,
  usernames: async () => (await import('../operator/usernames.ts')).usernames,
};

/** Runs one of the operator's commands to its end, in this process. */
export async function operator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Run> {
  const load = commands[command];
  if (load === undefined) throw new Error(`There is no command ${command}.`);
  return runHere(await load(), settings, ...args);
}

/** Runs a command in this process, with nothing of its environment; the standard output is no terminal. */
export async function runHere(command: Command, env: Environment, ...args: string[]): Promise<Run> {
  let [stdout, stderr] = ['', ''];
  const code = await exitCodeOf(command, {
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

/** Starts one of the operator's commands as `npm run` does, with the options for Node that it gives. */
export function startOperator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Running {
  const program = fileURLToPath(new URL(`../operator/${command}.ts`, import.meta.url));
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
