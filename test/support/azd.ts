import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../../local/stack-file.ts';
import type { Run } from './operator.ts';

/** A clone of the project in which azd's hooks run, with a program `azd` that keeps its environment in a file. */
export interface Clone {
  /** Runs a hook of azure.yaml as azd does on POSIX, with its environment. */
  hook(name: 'preprovision' | 'postprovision' | 'postdeploy'): Promise<Run>;
  /** Values in azd's environment. */
  readonly values: Record<string, string>;
  /** What `entra` was run with so far, a line for each time. */
  entraCalls(): string[];
  /** How often azd was asked to keep a value. */
  writes(): number;
  remove(): void;
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
const entra = `import { appendFileSync } from 'node:fs';
const { AZD_FILE, ENTRA_FAILS, ENTRA_DENIES, PORTAL_URL, APP_PRINCIPAL_ID, MFA_EVIDENCE = 'amr:mfa' } = process.env;
const [command] = process.argv.slice(2);
appendFileSync(AZD_FILE + '.entra', [command, PORTAL_URL, APP_PRINCIPAL_ID, MFA_EVIDENCE].join(' ').trim() + '\\n');
console.error('what ' + command + ' says');
if (ENTRA_FAILS === command) process.exit(1);
if (ENTRA_DENIES === command) process.exit(3);
if (command === 'apply' && ENTRA_FAILS !== 'silently')
  console.log('API_CLIENT_ID=api-1\\nPORTAL_CLIENT_ID=portal-1\\nMFA_EVIDENCE=' + MFA_EVIDENCE);
`;

/** @param registers whether `entra` is the real one, where Graph has a stand-in */
export function makeClone(initial: Readonly<Record<string, string>>, registers = false): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'azd-'));
  const at = (path: string) => join(folder, path);
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
  symlinkSync(`${root}node_modules`, at('node_modules'));
  if (!registers) writeFileSync(at('operator/entra.ts'), entra);
  mkdirSync(at('bin'));
  writeFileSync(at('bin/azd'), azd, { mode: 0o755 });
  writeFileSync(at('.env.json'), JSON.stringify(initial));
  const read = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '');
  const { hooks } = parse(read('azure.yaml')) as { hooks: Record<string, { run: string }> };

  return {
    async hook(name) {
      const env = {
        ...(JSON.parse(read('.env.json')) as Record<string, string>),
        PATH: `${at('bin')}:${process.env.PATH}`,
        HOME: folder,
        AZD_FILE: at('.env.json'),
      };
      writeFileSync(at('hook.sh'), `#!/bin/sh\nset -e\n\n${hooks[name]?.run}\n`, { mode: 0o755 });
      return execute(at('hook.sh'), [], folder, env);
    },
    get values() {
      return JSON.parse(read('.env.json'));
    },
    entraCalls: () => read('.env.json.entra').split('\n').filter(Boolean),
    writes: () => read('.env.json.log').split('\n').filter(Boolean).length,
    remove: () => rmSync(folder, { recursive: true }),
  };
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
