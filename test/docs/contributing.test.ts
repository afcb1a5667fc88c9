import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { npmScriptsIn, read, scripts } from '../../testing/files.ts';

const run = promisify(execFile);
const files = ['.devcontainer/devcontainer.json', '.vscode/launch.json', '.vscode/tasks.json'];
const json = (path: string) => JSON.parse(read(path));

/** Every string in a value of JSON. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** The paths among the words of a text; NAME and LANGUAGE stand for one that a reader makes. */
function pathsIn(text: string): string[] {
  const isPath = /^(\.?[\w*-][\w.*-]*\/[\w./*-]*|[\w-]+\.(ts|md|yaml|json))$/;
  return text
    .replace(/\$\{workspaceFolder\}\//g, '')
    .split(/[\s"'(),;:]+/)
    .filter((word) => isPath.test(word))
    .map((word) => (/NAME|LANGUAGE/.test(word) ? dirname(word) : word));
}

const missing = (paths: readonly string[]) =>
  paths.filter((path) => globSync(path, { cwd: root }).length === 0);
const unknown = (names: readonly string[]) => names.filter((name) => !(name in scripts));

describe('CONTRIBUTING.md', () => {
  const page = read('CONTRIBUTING.md');
  const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('\n');
  const prose = page.replace(/```.*?```/gs, '');
  const code = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span as string);

  test('names npm scripts that exist', () => {
    const named = npmScriptsIn(page);
    expect(named.length).toBeGreaterThan(10);
    expect(unknown(named)).toEqual([]);
  });

  test('names files and folders that exist', () => {
    const links = [...prose.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => target as string);
    const named = pathsIn([commands, ...code, ...links].join('\n'));
    expect(named.length).toBeGreaterThan(30);
    expect(missing(named)).toEqual([]);
  });

  test('names functions and fields that exist', () => {
    const sources = globSync('{functions,shared,portal,test}/**/*.{ts,tsx}', {
      cwd: root,
      exclude: ['test/docs/contributing.test.ts'],
    });
    const text = [...sources, 'openapi.yaml'].map(read).join('\n');
    const named = code.flatMap((span) => /^([a-z]+[A-Z]\w*|call|change|endpoint)\b/.exec(span)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  test('is found from the README', () => {
    expect(read('README.md').split('## Where things are')[1]).toContain('[CONTRIBUTING.md](CONTRIBUTING.md)');
  });
});

test.each(globSync('functions/*.ts', { cwd: root }))(
  '%s registers one function, under the name of the file',
  (file) => {
    const registered = [...read(file).matchAll(/\bapp\.\w+\('([^']*)'/g)].map(
      ([, name]) => `functions/${name}.ts`,
    );
    expect(registered).toEqual([file]);
  },
);

describe('The files for an editor and a container', () => {
  test.each(files)('%s names files and npm scripts that exist', (file) => {
    const text = stringsIn(json(file))
      .filter((it) => !/^(ghcr|mcr)\b|\*\*/.test(it))
      .join('\n');
    expect(missing(pathsIn(text))).toEqual([]);
    expect(unknown(npmScriptsIn(text))).toEqual([]);
  });

  test('tasks run npm scripts that exist', () => {
    const { tasks } = json('.vscode/tasks.json') as {
      tasks: { type: string; script?: string; command?: string }[];
    };
    for (const { type, script, command = '' } of tasks)
      expect(unknown(type === 'npm' ? [script ?? 'none'] : [npmScriptsIn(command)[0] ?? 'none'])).toEqual([]);
  });

  test('what is launched by npm is a script that exists', () => {
    const { configurations } = json('.vscode/launch.json') as {
      configurations: { runtimeExecutable?: string; runtimeArgs?: string[] }[];
    };
    const launched = configurations.filter(({ runtimeExecutable }) => runtimeExecutable === 'npm');
    expect(launched).toHaveLength(1);
    expect(unknown(launched.map(({ runtimeArgs: [script = ''] = [] }) => script))).toEqual([]);
  });

  test('recommended extensions are named as the marketplace does', () => {
    for (const name of json('.vscode/extensions.json').recommendations)
      expect(name).toMatch(/^[a-z\d-]+\.[a-z\d-]+$/);
  });

  test('the container has the Node of the app and of the tests, and passes the usual ports on', () => {
    const { image, forwardPorts, portsAttributes } = json('.devcontainer/devcontainer.json');
    const major = json('package.json').optionalDependencies.node.split('.')[0];
    expect(image).toMatch(new RegExp(`^mcr\\.microsoft\\.com/devcontainers/typescript-node:${major}-`));
    expect(forwardPorts.map(String)).toEqual(Object.keys(portsAttributes));
    const readme = read('README.md');
    for (const port of forwardPorts) expect(readme).toContain(`http://127.0.0.1:${port}`);
  });
});

test('a build for a debugger has source maps that lead to the functions', async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'app-passwords-'));
  try {
    for (const part of ['build.ts', 'package.json', 'tsconfig.json', 'functions', 'shared', 'portal'])
      cpSync(join(root, part), join(checkout, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
    expect(scripts['start:debug']).toContain('npm run --silent build -- --debug');
    await run(process.execPath, ['build.ts', '--debug'], { cwd: checkout });
    const bundle = join(checkout, 'dist/functions/app.js');
    const [, url = ''] = /^\/\/# sourceMappingURL=(.+)$/m.exec(readFileSync(bundle, 'utf8')) ?? [];
    const { sources } = JSON.parse(readFileSync(resolve(dirname(bundle), url), 'utf8')) as {
      sources: string[];
    };
    const led = sources.map((source) => relative(checkout, resolve(dirname(bundle), source)));
    expect(led).toEqual(expect.arrayContaining(globSync('functions/*.ts', { cwd: checkout })));
    expect(
      led.filter((path) => /^(functions|shared)\//.test(path) && !existsSync(join(checkout, path))),
    ).toEqual([]);
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});

test('the license is the one that package.json and openapi.yaml name', () => {
  expect(read('LICENSE')).toMatch(/^MIT License\n\nCopyright \(c\) \d{4} The App Passwords authors\n/);
  expect(json('package.json').license).toBe('MIT');
  expect(read('openapi.yaml')).toContain('identifier: MIT');
});

test('what the app carries has a license that asks for little more than to be named', () => {
  const permissive = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|\(MIT OR Apache-2\.0\))$/;
  const packages = Object.entries<{ dev?: boolean; license?: string }>(json('package-lock.json').packages);
  const carried = packages.filter(([, { dev }]) => !dev);
  expect(carried.length).toBeGreaterThan(20);
  expect(carried.filter(([, { license = '' }]) => !permissive.test(license))).toEqual([]);
});

test('the changelog leads to the version of package.json', () => {
  const { version } = json('package.json');
  expect(read('CHANGELOG.md')).toMatch(
    new RegExp(`^## \\[Unreleased\\]\\n\\nThis becomes ${version}|^## \\[${version}\\]`, 'm'),
  );
});
