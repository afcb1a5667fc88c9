import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { startHost } from '../../local/host-process.ts';
import { type RunningStack, root } from '../../local/stack-file.ts';
import { gateway, person } from '../../testing/api.ts';

const run = promisify(execFile);
const alice = 'alice@example.com';

/** A checkout of its own, so that a stack that runs in this one is not in the way. */
let checkout: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'app-passwords-'));
  for (const part of ['package.json', 'host.json', 'dist', 'local', 'operator', 'shared']) {
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  return async () => {
    await pressCtrlC();
    rmSync(checkout, { recursive: true, force: true });
  };
});

/** Starts the stack the way a terminal does: in a process group of its own, which Ctrl-C reaches as a whole. */
async function start(...options: string[]): Promise<{ stack: RunningStack; output: string }> {
  const args = [join(checkout, 'local/start.ts'), '--port', '0', ...options];
  const child = spawn(process.execPath, args, {
    cwd: checkout,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes('in another terminal')) resolve();
    });
    child.once('exit', () => reject(new Error(`It did not start.\n${output}`)));
  });
  return { stack: JSON.parse(readFileSync(join(checkout, '.local/stack.json'), 'utf8')), output };
}

async function pressCtrlC(): Promise<number | null> {
  if (running?.pid === undefined || running.exitCode !== null) return null;
  const exit = once(running, 'exit');
  process.kill(-running.pid, 'SIGINT');
  const [code] = await exit;
  return code;
}

const token = async (...args: string[]) => {
  const { stdout } = await run(process.execPath, ['local/cli.ts', 'token', ...args], { cwd: checkout });
  return stdout;
};

describe('npm start', () => {
  test('says what runs, where, and what to type next; its token command prints nothing but a token', async () => {
    const { stack, output } = await start();
    expect(output).toContain(`API                ${stack.origin}/api`);
    expect(output).toContain(`identity provider  ${stack.issuer}`);
    expect(output).toContain('export TOKEN=$(npm run --silent token -- alice@example.com)');
    expect(Object.keys(stack)).toEqual(['origin', 'issuer', 'tables', 'gatewayKey', 'pid']);
    expect(await token(alice)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    await expect(token('mallory@example.com')).rejects.toMatchObject({ code: 1, stdout: '' });
  });

  test('keeps what was acknowledged a moment before Ctrl-C, and --fresh forgets it', async () => {
    const first = await start();
    const created = await person(first.stack.origin, (await token(alice)).trim()).create('Phone');
    expect(await pressCtrlC()).toBe(0);
    expect(existsSync(join(checkout, '.local/stack.json'))).toBe(false);

    const again = await start();
    const { verify } = gateway(again.stack.origin, again.stack.gatewayKey);
    expect((await verify(alice, created.body.password)).status).toBe(200);
    expect(again.stack.gatewayKey).toBe(first.stack.gatewayKey);
    await pressCtrlC();

    const fresh = await start('--fresh');
    const mine = person(fresh.stack.origin, (await token(alice)).trim());
    expect((await mine.list()).body).toEqual({
      username: alice,
      appPasswords: [],
      limit: 40,
      remaining: 40,
    });
  });

  test('does not start twice in one folder', async () => {
    const { stack } = await start();
    const second = run(process.execPath, ['local/start.ts', '--port', '0'], { cwd: checkout });
    await expect(second).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(stack.origin) });
  });

  test('does what the README says, command by command', async () => {
    const { stack } = await start();
    const readme = readFileSync(join(root, 'README.md'), 'utf8').split('## Test')[0] as string;
    const blocks = [...readme.matchAll(/```(sh)?\n(.*?)```/gs)].map(([, kind, text]) => ({
      kind,
      text: text as string,
    }));
    const steps = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text);
    expect(steps[0]).toBe('npm ci && npm start\n');
    const typed = steps.slice(1).join('\n');
    // The shell goes on after a refusal, as a person's does; statuses go to the standard error.
    const { stdout } = await run('bash', ['-c', `{ ${typed} true; } 2>&1`], { cwd: checkout });
    expect(stdout.match(/^\d{3} .*$/gm)).toEqual([
      '201 Created',
      '200 OK',
      '401 Unauthorized',
      '204 No Content',
      '401 Unauthorized',
    ]);
    const shown = blocks.filter(({ kind, text }) => kind === undefined && /^\d{3} /m.test(text));
    const blank = (text: string) =>
      text
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '(id)')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(time)')
        .replace(/([a-z]{4}-){4}[a-z]{4}/g, '(password)')
        .replaceAll(stack.origin, '(origin)');
    for (const { text } of shown.slice(0, 3))
      expect(blank(stdout)).toContain(blank(text).replace(/^\d{3}.*\n/, ''));
  });
});

describe('npm run stack', () => {
  test('starts everything but the functions host, which runs with the values of local.settings.json', async () => {
    const { stack, output } = await start('--without-host');
    expect(output).toContain('func start');
    const { Values } = JSON.parse(readFileSync(join(checkout, 'local.settings.json'), 'utf8'));
    const host = await startHost(checkout, Values);
    try {
      const created = await person(host.origin, (await token(alice)).trim()).create('Phone');
      const { verify } = gateway(host.origin, stack.gatewayKey);
      expect((await verify(alice, created.body.password)).status).toBe(200);
    } finally {
      await host.stop();
    }
  });
});
