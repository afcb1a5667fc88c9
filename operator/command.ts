import { realpathSync } from 'node:fs';
import type { Clock } from '../shared/domain/clock.ts';
import { systemClock } from '../shared/runtime/system.ts';
import { BadSettings } from '../shared/settings/settings.ts';
import { NotAllowed, Refused } from './refused.ts';

/** Settings by their names, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command is run with. */
export interface Invocation {
  readonly args: string[];
  readonly env: Environment;
  readonly clock: Clock;
  /** Writes to the standard output, which other programs may read, and ends the line. */
  readonly print: (text: string) => void;
  /** Writes to the standard error, and ends the line. */
  readonly note: (text: string) => void;
  /** Whether what is printed goes to a person. */
  readonly terminal: boolean;
}

/** One of the operator's commands. */
export interface Command {
  /** What is said of a bad command line. */
  readonly usage: string;
  /**
   * @returns false for a bad command line
   * @throws Refused with a message that says what to do
   */
  run(invocation: Invocation): Promise<boolean>;
}

/** How a command ends that somebody else may run. */
export const notAllowed = 3;

/**
 * Runs a command.
 *
 * @returns how its process ends: with 0, or with 1 or 3 ({@link notAllowed}) after one clear message
 */
export async function exitCodeOf({ usage, run }: Command, invocation: Invocation): Promise<number> {
  try {
    if (await run(invocation)) return 0;
    invocation.note(usage);
  } catch (error) {
    invocation.note(isBadCommandLine(error) ? usage : explain(error));
    if (error instanceof NotAllowed) return notAllowed;
  }
  return 1;
}

/**
 * Runs a command as this process, and ends it; does nothing where another file is the program.
 *
 * @param file the module that calls this, by its path
 */
export async function main(file: string, command: Command): Promise<void> {
  if (realpathSync(process.argv[1] ?? '') !== file) return;
  const code = await exitCodeOf(command, {
    args: process.argv.slice(2),
    env: process.env,
    clock: systemClock,
    print: console.log,
    note: console.error,
    terminal: process.stdout.isTTY,
  });
  process.exit(code);
}

function isBadCommandLine(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
}

function explain(error: unknown): string {
  if (error instanceof Refused || error instanceof BadSettings) return error.message;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return `It failed, and may be tried again: ${[name, code, message].filter(Boolean).join(' ')}`;
}
