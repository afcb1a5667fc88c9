import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
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
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHost } from '../../local/host-process.ts';
import { root } from '../../local/stack-file.ts';

const run = promisify(execFile);
const checkouts: string[] = [];
let checkout: string;
let zip: Buffer;
let files: Record<string, Uint8Array>;

/** Copies the project, as a build here would take the files away from tests that run now. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'app-passwords-'));
  checkouts.push(folder);
  for (const part of readdirSync(root).filter((name) => !/^(node_modules|dist|package|\..*)$/.test(name)))
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const zipOf = (folder: string) => readFileSync(join(folder, 'package/app-passwords.zip'));

beforeAll(async () => {
  checkout = copy();
  await run('npm', ['run', 'package'], { cwd: checkout, shell: process.platform === 'win32' });
  zip = zipOf(checkout);
  files = unzipSync(zip);
});

afterAll(() => {
  for (const folder of checkouts) rmSync(folder, { recursive: true, force: true });
});

describe('npm run package', () => {
  test('makes the same bytes in another folder, on another day, in another time zone', async () => {
    const elsewhere = copy();
    const options = { cwd: elsewhere, env: { ...process.env, TZ: 'Pacific/Auckland' } };
    await run(process.execPath, ['build.ts'], options);
    await run(process.execPath, ['operator/package.ts'], options);
    expect(zipOf(elsewhere).equals(zip)).toBe(true);
  });

  test('packs the bundle, the page and what the host reads, in 1.5 MB at most', () => {
    expect(zip.length).toBeLessThanOrEqual(1_500_000);
    const names = Object.keys(files);
    expect(names).toEqual(
      expect.arrayContaining([
        'host.json',
        'package.json',
        'dist/functions/app.js',
        'dist/portal/index.html',
      ]),
    );
    expect(
      names.filter((name) => !/^(host|package)\.json$|^dist\/(functions|chunks|portal)\//.test(name)),
    ).toEqual([]);
    expect(names.filter((name) => !/\.(js|json|html|css|svg)$/.test(name))).toEqual([]);
    const text = Object.values(files).map((content) => Buffer.from(content).toString());
    expect(text.filter((it) => /sourceMappingURL/.test(it))).toEqual([]);
    expect(JSON.parse(text[names.indexOf('package.json')] as string)).toEqual({
      name: 'app-passwords',
      version: expect.any(String),
      private: true,
      type: 'module',
      main: 'dist/functions/*.js',
    });
  });

  test('leaves the source map of each script beside the zip, and the unpacked app', () => {
    const maps = globSync('**/*.map', { cwd: join(checkout, 'package/maps') }).map((name) =>
      join('dist', name.replace(/\.map$/, '')).replaceAll('\\', '/'),
    );
    expect(maps.sort()).toEqual(
      Object.keys(files)
        .filter((name) => name.endsWith('.js'))
        .sort(),
    );
    for (const [name, content] of Object.entries(files))
      expect(readFileSync(join(checkout, 'package/app', name)).equals(content), name).toBe(true);
  });

  test('names every package that lies in it in a CycloneDX bill of materials, by version', () => {
    const bom = JSON.parse(readFileSync(join(checkout, 'package/app-passwords.cdx.json'), 'utf8'));
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    const listed = new Set(
      bom.components.map(
        ({ group, name, version }: { group?: string; name: string; version: string }) =>
          `${group === undefined ? '' : `${group}/`}${name}@${version}`,
      ),
    );
    const folders = new Set(
      globSync('**/*.map', { cwd: join(checkout, 'package/maps') })
        .flatMap(
          (name): string[] => JSON.parse(readFileSync(join(checkout, 'package/maps', name), 'utf8')).sources,
        )
        .flatMap((source) => /^.*node_modules\/((@[^/]+\/)?[^/]+)(?=\/)/.exec(source)?.[0] ?? [])
        .map((path) => path.slice(path.indexOf('node_modules/'))),
    );
    expect(folders.size).toBeGreaterThan(20);
    const packed = [...folders].map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return `${name}@${version}`;
    });
    expect(packed.filter((it) => !listed.has(it))).toEqual([]);
    expect([...listed].filter((it) => /^(vitest|azurite|node)@/.test(it as string))).toEqual([]);
  });
});

describe('A logo of the organization', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const build = (folder: string) => run(process.execPath, ['build.ts'], { cwd: folder });

  test('is packed with the page, and served as a picture', async () => {
    const folder = copy();
    mkdirSync(join(folder, 'branding'));
    writeFileSync(join(folder, 'branding/logo.svg'), svg);
    writeFileSync(join(folder, 'branding/notes.txt'), 'not a logo');
    await build(folder);
    await run(process.execPath, ['operator/package.ts'], { cwd: folder });
    const names = Object.keys(unzipSync(zipOf(folder)));
    expect(names.filter((name) => name.includes('branding'))).toEqual(['dist/branding/logo.svg']);
    const settings = {
      VARIANT: 'local',
      TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true',
      KEY_VAULT_URL: 'https://127.0.0.1:7073',
      KEY_VAULT_CERTIFICATE: 'certificate',
      KEY_VAULT_TOKEN: 'token',
      OIDC_DISCOVERY_URL: 'http://127.0.0.1:7072/.well-known/openid-configuration',
      TOKEN_ISSUER: 'http://127.0.0.1:7072',
      TENANT_ID: 'tenant',
      TOKEN_AUDIENCES: 'api',
      TOKEN_CLIENTS: 'portal',
      PORTAL_LOGO: 'logo.svg',
    };
    const host = await startHost(join(folder, 'package/app'), settings);
    try {
      const { logo } = (await (await fetch(`${host.origin}/settings.json`)).json()) as { logo: string };
      const answer = await fetch(`${host.origin}${logo}`);
      expect(await answer.text()).toBe(svg);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/svg+xml',
        'cache-control': 'public, max-age=3600',
        'content-security-policy': expect.stringMatching(/^default-src 'none';.*; sandbox$/),
      });
    } finally {
      await host.stop();
    }
    const other = startHost(join(folder, 'package/app'), { ...settings, PORTAL_LOGO: 'other.svg' });
    await expect(other).rejects.toThrow('PORTAL_LOGO: names a file that is not in the folder branding');
  });

  test('of more than 50 kB stops the build', async () => {
    const folder = copy();
    mkdirSync(join(folder, 'branding'));
    writeFileSync(join(folder, 'branding/logo.png'), Buffer.alloc(50_001));
    await expect(build(folder)).rejects.toThrow('PORTAL_LOGO: names a file of more than 50000 bytes');
  });
});

describe('npm start -- --package FILE', () => {
  test('runs an unpacked zip with nothing else in reach, and the end-to-end tests pass on it', async () => {
    const file = join(checkout, 'package/app-passwords.zip');
    for (const part of ['dist', 'functions', 'portal', 'host.json', 'package/app', 'package/maps'])
      rmSync(join(checkout, part), { recursive: true });
    const started = spawn(process.execPath, ['local/start.ts', '--port', '0', '--fresh', '--package', file], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(started, 'exit');
    try {
      await new Promise<void>((resolve, reject) => {
        let output = '';
        started.stdout.on('data', (chunk: Buffer) => {
          output += chunk;
          if (output.includes('in another terminal')) resolve();
        });
        exited.then(() => reject(new Error(`It did not start.\n${output}`)));
      });
      const { origin } = JSON.parse(readFileSync(join(checkout, '.local/stack.json'), 'utf8'));
      const vitest = join(root, 'node_modules/vitest/vitest.mjs');
      const { stdout } = await run(
        process.execPath,
        [vitest, 'run', '--mode', 'e2e', '--no-file-parallelism', '--no-color'],
        { cwd: checkout, env: { ...process.env, E2E_ORIGIN: origin } },
      );
      const ran = readdirSync(join(root, 'test/e2e')).filter((file) => file.endsWith('.test.ts')).length;
      expect(stdout).toMatch(new RegExp(`Test Files +${ran} passed \\(${ran}\\)`));
      const page = await fetch(`${origin}/`);
      expect(await page.text()).toContain('<script type="module"');
    } finally {
      started.kill('SIGINT');
      await exited;
    }
  }, 300_000);

  test.each([
    ['a file that is not there', 'none.zip', 'no such file'],
    ['what is no zip', 'package.json', 'invalid zip data'],
  ])('says what it takes, given %s', async (_, name, reason) => {
    const file = join(checkout, name);
    const failed = run(process.execPath, ['local/start.ts', '--port', '0', '--package', file], {
      cwd: checkout,
    });
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`--package takes the zip .*: .*${reason}`)),
    });
  });
});
