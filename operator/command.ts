import { Command, CommanderError, Help, InvalidArgumentError } from 'commander';
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

/**
 * Declares one of the operator's commands: what it takes, and what it does with an invocation. Its actions throw Refused with a
 * message that says what to do.
 *
 * @param command has its name, and nothing else yet
 */
export type Declare = (command: Command, invocation: Invocation) => void;

/** Commands by their names, which are those of their npm scripts; each is loaded only where it is needed. */
export type Commands = Readonly<Record<string, () => Promise<Declare>>>;

/** How a command ends that somebody else may run. */
export const notAllowed = 3;

/**
 * Runs the command that the arguments begin with.
 *
 * @returns how its process ends: with 0, or with 1 or 3 ({@link notAllowed}) after one clear message
 */
export async function exitCodeOf(commands: Commands, invocation: Invocation): Promise<number> {
  const [wanted = ''] = invocation.args;
  const program = programFor(invocation);
  for (const [name, load] of Object.entries(commands)) {
    // All of them only where it takes all to say which there are.
    if (name === wanted || !Object.hasOwn(commands, wanted))
      (await load())(program.command(name), invocation);
  }
  try {
    await program.parseAsync(invocation.args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    invocation.note(explain(error));
    return error instanceof NotAllowed ? notAllowed : 1;
  }
}

/** Runs one of the commands as this process, and ends it. */
export async function main(commands: Commands): Promise<never> {
  const code = await exitCodeOf(commands, {
    args: process.argv.slice(2),
    env: process.env,
    clock: systemClock,
    print: console.log,
    note: console.error,
    terminal: process.stdout.isTTY,
  });
  process.exit(code);
}

/** Takes the name of a file. */
export function fileName(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

/** Takes a number in a range. */
export function numberFrom(least: number, most: number, kind = 'whole number'): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const isOne = value >= least && value <= most && (kind === 'number' || Number.isInteger(value));
    if (!isOne) throw new InvalidArgumentError(`It takes a ${kind} from ${least} to ${most}.`);
    return value;
  };
}

/** What no command says of itself; all of them inherit it. */
function programFor({ print, note }: Invocation): Command {
  const help = new Help();
  return new Command('npm run')
    .usage('COMMAND -- ...')
    .showHelpAfterError()
    .exitOverride()
    .configureHelp({
      commandUsage: (command) => help.commandUsage(command).replace(/^npm run [a-z:]+/, '$& --'),
    })
    .configureOutput({
      writeOut: (text) => print(text.replace(/\n$/, '')),
      writeErr: (text) => note(text.replace(/\n$/, '')),
    });
}

function explain(error: unknown): string {
  if (error instanceof Refused || error instanceof BadSettings) return error.message;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return `It failed, and may be tried again: ${[name, code, message].filter(Boolean).join(' ')}`;
}
