import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from './operator.ts';

/** What a subscription has, as far as the pages of the documentation look at it. */
export interface Subscription {
  /** What `azd env get-value` says. */
  readonly environment: Readonly<Record<string, string>>;
  /** The scopes that have a lock `keep`, by which nothing below them is deleted. */
  locked: string[];
  /** How many more deletions a lock refuses after it is gone. */
  lingering: number;
  roles: { readonly id: string; readonly principalName: string }[];
  /** What the deployment locks and whom it gives a role, each time anew. */
  readonly template: Pick<Subscription, 'locked' | 'roles'>;
  /** Deployments at the scope of the subscription, by their names. */
  deployments: Record<string, { readonly location: string; readonly outputs: Record<string, string> }>;
}

/** A terminal with the programs `az` and `azd`, which know one subscription and refuse what Azure Resource Manager refuses. */
export interface Terminal {
  /** Runs lines of a shell one after the other, until one fails. */
  run(lines: string, env?: Readonly<Record<string, string>>): Promise<Run>;
  readonly subscription: Subscription;
  remove(): void;
}

/** The id of a resource of the tests' subscription. */
export const resourceId = (type: string, name: string) =>
  `/subscriptions/00000000-0000-0000-0000-00000000a2d0/resourceGroups/rg-prod/providers/${type}/${name}`;

const common = `#!/usr/bin/env node
import fs from 'node:fs';
const file = process.env.SUBSCRIPTION_FILE;
const state = JSON.parse(fs.readFileSync(file, 'utf8'));
const save = () => fs.writeFileSync(file, JSON.stringify(state));
const say = (...lines) => lines.forEach((line) => console.log(line));
const fail = (text) => { console.error('ERROR: ' + text); process.exit(1); };
const words = process.argv.slice(2);
const first = words.findIndex((word) => word.startsWith('--'));
const command = words.slice(0, first < 0 ? words.length : first).join(' ');
const options = {};
let name;
for (const word of words.slice(command === '' ? 0 : command.split(' ').length))
  if (word.startsWith('--')) options[(name = word.slice(2))] = [];
  else options[name].push(word);
const { name: [named = ''] = [], ids = [], query: [query = ''] = [], location: [location = ''] = [], scope: [scope = ''] = [] } = options;
const id = (type, name) => '/subscriptions/00000000-0000-0000-0000-00000000a2d0/resourceGroups/rg-prod/providers/' + type + '/' + name;
const keep = '/providers/Microsoft.Authorization/locks/keep';
`;

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
const az = `${common}
switch (command) {
  case 'login': break;
  case 'account show': say('00000000-0000-0000-0000-00000000a2d0'); break;
  case 'ad signed-in-user show': say('00000000-0000-0000-0000-0000000000aa'); break;
  case 'monitor log-analytics workspace list': say('workspace'); break;
  case 'keyvault show': say(id('Microsoft.KeyVault/vaults', named)); break;
  case 'storage account show': say(id('Microsoft.Storage/storageAccounts', named)); break;
  case 'role assignment list':
    state.roles.filter((role) => role.id.startsWith(scope)).forEach((role) => say(role.id + '\\t' + role.principalName));
    break;
  case 'role assignment delete': {
    for (const id of ids) {
      const lock = [...state.locked, ...(state.lingering > 0 ? state.template.locked : [])].find((it) => id.startsWith(it + '/'));
      if (lock) {
        if (!state.locked.includes(lock)) state.lingering--;
        save();
        fail("(ScopeLocked) The scope '" + id + "' cannot perform delete operation because following scope(s) are locked: '" + lock + "'. Please remove the lock and try again.");
      }
      state.roles = state.roles.filter((role) => role.id !== id);
    }
    save();
    break;
  }
  case 'lock list': state.locked.forEach((scope) => say(scope + keep)); break;
  case 'lock delete':
    for (const id of ids) {
      if (!state.locked.some((scope) => scope + keep === id)) fail('(LockNotFound) ' + id);
      state.locked = state.locked.filter((scope) => scope + keep !== id);
    }
    save();
    break;
  case 'deployment sub what-if': break;
  case 'deployment sub create': {
    const before = state.deployments[named];
    if (before && before.location !== location)
      fail("(InvalidDeploymentLocation) Invalid deployment location '" + location + "'. The deployment '" + named + "' already exists in location '" + before.location + "'.");
    const place = process.env.AZURE_ENV_NAME + '-' + location;
    state.deployments[named] = { location, outputs: {
      PORTAL_URL: 'https://func-' + place + '.azurewebsites.net',
      APP_PRINCIPAL_ID: 'principal-' + place,
      KEY_VAULT_URL: 'https://kv-' + place + '.vault.azure.net',
      TABLES_ENDPOINT: 'https://stdata' + place + '.table.core.windows.net',
    } };
    save();
    break;
  }
  case 'deployment sub show': {
    const found = state.deployments[named] ?? fail('(DeploymentNotFound) ' + named);
    const [, output] = /outputs\\.(\\w+)\\.value/.exec(query);
    say(found.outputs[output]);
    break;
  }
  default: fail("'" + command + "' is misspelled or not recognized by the system.");
}
`;

const azd = `${common}
if (command.startsWith('env get-value ')) say(state.environment[words[2]] ?? fail('key not found'));
else if (command === 'provision') {
  state.locked = [...new Set([...state.locked, ...state.template.locked])];
  state.roles = [...state.roles.filter(({ id }) => !state.template.roles.some((role) => role.id === id)), ...state.template.roles];
  save();
} else if (command !== 'auth login') fail('unknown command ' + command);
`;

/** Of npm's scripts only what `entra` prints is used by a later line. */
const npm = `#!/bin/sh
case "$*" in *--silent*entra*apply) printf 'API_CLIENT_ID=api-1\\nPORTAL_CLIENT_ID=portal-1\\nMFA_EVIDENCE=amr:mfa\\n' ;; esac
`;

/** Opens a terminal on a subscription. */
export function openTerminal(more: Partial<Subscription> = {}): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'az-'));
  const file = join(folder, 'subscription.json');
  const initial: Subscription = {
    environment: {},
    locked: [],
    lingering: 0,
    roles: [],
    template: { locked: [], roles: [] },
    deployments: {},
    ...more,
  };
  writeFileSync(file, JSON.stringify(initial));
  mkdirSync(join(folder, 'bin'));
  const programs = { az, azd, npm, sleep: '#!/bin/sh\n' };
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(folder, 'bin', name), text, { mode: 0o755 });
  // The programs are ES modules.
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  return {
    run: (lines, env = {}) =>
      new Promise((resolve) => {
        const path = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, SUBSCRIPTION_FILE: file };
        execFile(
          'sh',
          ['-c', `set -e\n${lines}`],
          { cwd: folder, env: { ...path, ...env }, timeout: 20_000 },
          (error, stdout, stderr) =>
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        );
      }),
    get subscription() {
      return JSON.parse(readFileSync(file, 'utf8')) as Subscription;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
