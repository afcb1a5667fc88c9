import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../local/stack-file.ts';
import type { Declare } from '../operator/command.ts';
import { hookWith } from '../operator/hook.ts';
import { NotAllowed, Refused } from '../operator/refused.ts';
import { type Run, runHere } from './operator.ts';

type HookName = 'preprovision' | 'postprovision' | 'postdeploy';

/** Where azd's hooks run, with a program `azd` that keeps its environment in a file. */
export interface Clone {
  /** Runs a hook of azure.yaml, with azd's environment. */
  hook(name: HookName): Promise<Run>;
  /** What azd gives a hook. */
  environment(): Record<string, string>;
  /** Values in azd's environment. */
  readonly values: Record<string, string>;
  /** How often azd was asked to keep a value. */
  writes(): number;
  remove(): void;
}

export interface Deployment extends Clone {
  /** What `entra` was run with so far, a line for each time. */
  entraCalls(): readonly string[];
}

/** azd's own: `azd env set NAME VALUE`. */
const azd = `#!/usr/bin/env node
import fs from 'node:fs';
const [, , ...words] = process.argv;
if (words.length !== 4 || words[0] !== 'env' || words[1] !== 'set' || !process.env.AZURE_ENV_NAME) process.exit(2);
const file = process.env.AZD_FILE;
const values = JSON.parse(fs.readFileSync(file, 'utf8'));
values[words[2]] = words[3];
fs.writeFileSync(file, JSON.stringify(values));
fs.appendFileSync(file + '.log', words.join(' ') + '\\n');
`;

/** By the contract of "npm run entra": settings on the standard output, everything else beside it. */
const entraIn =
  (calls: string[]): Declare =>
  (command, { env, print, note }) => {
    command
      .argument('<COMMAND>')
      .option('--browser')
      .action((name: string) => {
        const { ENTRA_FAILS, ENTRA_DENIES, PORTAL_URL, APP_PRINCIPAL_ID, MFA_EVIDENCE = 'amr:mfa' } = env;
        calls.push([name, PORTAL_URL, APP_PRINCIPAL_ID, MFA_EVIDENCE].join(' ').trim());
        note(`what ${name} says`);
        if (ENTRA_FAILS === name) throw new Refused('It fails.');
        if (ENTRA_DENIES === name) throw new NotAllowed('Somebody else may.');
        if (name === 'apply' && ENTRA_FAILS !== 'silently')
          for (const line of [
            'API_CLIENT_ID=api-1',
            'PORTAL_CLIENT_ID=portal-1',
            `MFA_EVIDENCE=${MFA_EVIDENCE}`,
          ])
            print(line);
      });
  };

/** An environment of azd, in a folder with the program that keeps its values. */
function makeEnvironment(initial: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'azd-'));
  const at = (path: string) => join(folder, path);
  mkdirSync(at('bin'));
  writeFileSync(at('bin/azd'), azd, { mode: 0o755 });
  writeFileSync(at('.env.json'), JSON.stringify(initial));
  const values = () => JSON.parse(readFileSync(at('.env.json'), 'utf8')) as Record<string, string>;
  return {
    folder,
    environment: () => ({
      ...values(),
      PATH: `${at('bin')}:${process.env.PATH}`,
      HOME: folder,
      AZD_FILE: at('.env.json'),
    }),
    get values() {
      return values();
    },
    writes: () =>
      existsSync(at('.env.json.log'))
        ? readFileSync(at('.env.json.log'), 'utf8').trim().split('\n').length
        : 0,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Where the hooks run in this process, with a stand-in for `entra`. */
export function makeDeployment(initial: Readonly<Record<string, string>>): Deployment {
  const made = makeEnvironment(initial);
  const calls: string[] = [];
  return Object.assign(made, {
    hook: (name: HookName) =>
      runHere({ hook: async () => hookWith(entraIn(calls)) }, made.environment(), 'hook', name),
    entraCalls: () => calls,
  });
}

/** A clone of the project, in which the hooks run as azd runs them. */
export function makeClone(initial: Readonly<Record<string, string>>): Clone {
  const made = makeEnvironment(initial);
  const at = (path: string) => join(made.folder, path);
  for (const path of [
    'operator',
    'shared',
    'local',
    'infra',
    'azure.yaml',
    'package.json',
    'package-lock.json',
  ])
    cpSync(`${root}${path}`, at(path), { recursive: true });
  // One by one, so that an installation in the clone takes nothing away here.
  mkdirSync(at('node_modules'));
  for (const name of readdirSync(`${root}node_modules`))
    symlinkSync(`${root}node_modules/${name}`, at(`node_modules/${name}`));
  const { hooks } = parse(readFileSync(at('azure.yaml'), 'utf8')) as {
    hooks: Record<string, { run: string }>;
  };
  return Object.assign(made, {
    hook(name: HookName) {
      writeFileSync(at('hook.sh'), `#!/bin/sh\nset -e\n\n${hooks[name]?.run}\n`, { mode: 0o755 });
      return execute(at('hook.sh'), [], made.folder, made.environment());
    },
  });
}

/** Runs a program to its end. */
export function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
