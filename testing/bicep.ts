import { execFile, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const infra = join(root, 'infra');
const cache = join(root, 'node_modules/.cache/bicep');
const oldest = [0, 49, 2];
const version = oldest.join('.');
const run = promisify(execFile);

/** What to say where there is no compiler. */
export const howToGetBicep = `needs Bicep ${version} or newer: install the .NET SDK, or run "az bicep install", or put bicep on the PATH`;

/** All source files of the deployment, beneath infra. */
export const sources = globSync('**/*.{bicep,bicepparam}', { cwd: infra }).sort();

const id = (last: string) => `00000000-0000-4000-8000-${last.padStart(12, '0')}`;

/** Made-up ids that the snapshots are made with. */
export const ids = {
  subscription: id('a'),
  tenant: id('b'),
  api: id('1'),
  portal: id('2'),
  operator: id('3'),
  operators: id('4'),
  pipeline: id('5'),
};

const asked = {
  AZURE_ENV_NAME: 'example',
  AZURE_LOCATION: 'westeurope',
  API_CLIENT_ID: ids.api,
  PORTAL_CLIENT_ID: ids.portal,
};

/** The environment of each parameter file's snapshot: what is asked alone, and what may be said beside it. */
export const environments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  small: { ...asked, AZURE_PRINCIPAL_ID: ids.operator },
  production: {
    ...asked,
    OPERATORS_GROUP_ID: ids.operators,
    MFA_EVIDENCE: 'acrs:c1',
    FOLLOW_DIRECTORY: 'true',
    SIGN_IN_MAX_AGE: '600',
    CLIENT_ADDRESS_DAYS: '30',
    USERNAME_DOMAINS: 'EXAMPLE=example.com',
    USERNAME_DEFAULT_DOMAIN: 'example.com',
    USERNAME_MAIL: 'true',
    PORTAL_MAIL_SERVERS: 'IMAP=mail.example.com:993,SMTP=mail.example.com:465',
    PORTAL_LINKS: 'factor=https://example.com/factor',
    PORTAL_ORGANIZATION: 'Example Organization',
    PORTAL_SUPPORT: 'mailto:helpdesk@example.com',
    PORTAL_LOGO: 'logo.svg',
    PORTAL_PROFILE_CERTIFICATE: 'profile-certificate',
    CUSTOM_DOMAIN: 'app-passwords.example.com',
    TABLES_REDUNDANCY: 'Standard_GZRS',
    HOST_REDUNDANCY: 'Standard_ZRS',
    ALERT_EMAIL: 'operators@example.com',
    DAILY_CAP_GB: '10',
  },
  private: {
    ...asked,
    AZURE_PRINCIPAL_ID: ids.pipeline,
    AZURE_PRINCIPAL_TYPE: 'ServicePrincipal',
    FOLLOW_DIRECTORY: 'false',
    PUBLIC_SITE: 'false',
  },
};

/** The command of the real compiler: on the PATH, as az keeps it, or restored by dotnet; undefined if none is there. */
export function findBicep(): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const ofAz = join(process.env.AZURE_CONFIG_DIR ?? join(homedir(), '.azure'), 'bin', `bicep${suffix}`);
  return ['bicep', ofAz].find(isRecent) ?? restored(suffix);
}

function isRecent(command: string): boolean {
  const said = spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const found = /version (\d+)\.(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number);
  if (found === undefined) return false;
  const difference = found.map((part, index) => part - (oldest[index] ?? 0)).find((part) => part !== 0) ?? 0;
  return difference >= 0;
}

/** NuGet has the compiler as one file for each platform. */
function restored(suffix: string): string | undefined {
  const system = { linux: 'linux', darwin: 'osx', win32: 'win' }[process.platform as string];
  const name = `Azure.Bicep.CommandLine.${system}-${process.arch}`;
  const command = join(cache, 'packages', name.toLowerCase(), version, 'tools', `bicep${suffix}`);
  if (isRecent(command)) return command;
  const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup><PackageDownload Include="${name}" Version="[${version}]" /></ItemGroup>
</Project>`;
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'bicep.csproj'), project);
  spawnSync('dotnet', ['restore', 'bicep.csproj', '--packages', 'packages'], {
    cwd: cache,
    env: { ...process.env, DOTNET_NOLOGO: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' },
  });
  return isRecent(command) ? command : undefined;
}

const patterns = ['**/*.bicep', '**/*.bicepparam'];

/** What the compiler and its linter say about every source file. @throws Error unless they looked at each. */
export async function lint(bicep: string): Promise<string[]> {
  const logs: Sarif[] = [];
  for (const pattern of patterns) {
    const command = ['lint', '--pattern', pattern, '--diagnostics-format', 'Sarif'];
    const { stdout } = await execute(bicep, command, asked);
    // One log after the other, a log for each file.
    logs.push(...JSON.parse(`[${stdout.replaceAll(/\}\s*\{(?=\s*"\$schema")/g, '},{')}]`));
  }
  if (logs.length !== sources.length)
    throw new Error(`${logs.length} of ${sources.length} files were looked at`);
  return logs.flatMap(({ runs }) => runs.flatMap(({ results }) => results.map((it) => JSON.stringify(it))));
}

interface Sarif {
  readonly runs: readonly { readonly results: readonly unknown[] }[];
}

/** The source files that the formatter would change. */
export async function unformatted(bicep: string): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'infra-'));
  try {
    cpSync(infra, copy, { recursive: true });
    for (const pattern of patterns) await execute(bicep, ['format', '--pattern', pattern], {}, copy);
    const text = (directory: string, file: string) => readFileSync(join(directory, file), 'utf8');
    return sources.filter((file) => text(copy, file) !== text(infra, file));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/**
 * Expands the deployment of one parameter file, without any network. The compiler writes beside the parameter file, where azd
 * does the same and then removes what is there; so it works in a copy, and the snapshots have a folder of their own.
 *
 * @param mode overwrite writes the snapshot, validate compares with it
 * @returns nothing, or what is different
 */
export async function snapshot(bicep: string, name: string, mode: 'overwrite' | 'validate'): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'infra-'));
  try {
    cpSync(infra, copy, { recursive: true });
    const kept = join(infra, 'snapshots', `${name}.json`);
    const made = join(copy, 'environments', `${name}.snapshot.json`);
    if (mode === 'validate') cpSync(kept, made);
    const options = ['--subscription-id', ids.subscription, '--tenant-id', ids.tenant];
    const file = join(copy, 'environments', `${name}.bicepparam`);
    const command = ['snapshot', file, '--mode', mode, '--location', asked.AZURE_LOCATION, ...options];
    const { failed, stdout, stderr } = await execute(bicep, command, environments[name] ?? {}, copy);
    if (failed) return stdout + stderr;
    if (mode === 'overwrite') writeFileSync(kept, withSortedOutputs(readFileSync(made, 'utf8')));
    return '';
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The compiler writes them in any order, which would show as a change. */
function withSortedOutputs(text: string): string {
  const { outputs, ...rest } = JSON.parse(text);
  const sorted = Object.fromEntries(Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...rest, outputs: sorted }, null, 2)}\n`;
}

/** Runs the compiler with nothing of this machine's environment that a parameter file could read. */
async function execute(
  bicep: string,
  command: string[],
  environment: Readonly<Record<string, string>>,
  cwd = infra,
) {
  const { PATH = '', HOME = '', USERPROFILE = '', SystemRoot = '', TEMP = '' } = process.env;
  const env = { PATH, HOME, USERPROFILE, SystemRoot, TEMP, ...environment };
  try {
    return { failed: false, ...(await run(bicep, command, { cwd, env, maxBuffer: 2 ** 26 })) };
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    if (stdout === undefined) throw error;
    return { failed: true, stdout, stderr: stderr || message };
  }
}
