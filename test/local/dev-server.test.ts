import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signIn } from '../../local/sign-in.ts';
import { type RunningStack, root } from '../../local/stack-file.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { gateway, person } from '../../testing/api.ts';
import { openWindow, pagePort, startBrowser } from '../../testing/browser.ts';
import { alice, button, heading, passSignIn } from '../../testing/portal.ts';

const run = promisify(execFile);
const patience = { timeout: 30_000, interval: 50 };

/** A checkout of its own, whose lines the tests change. */
let checkout: string;
let running: ChildProcess;
let output = '';
let stack: RunningStack;
let browser: Browser;
let page: Page;
const trouble: string[] = [];

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'app-passwords-'));
  for (const part of [
    'package.json',
    'host.json',
    'tsconfig.json',
    'functions',
    'shared',
    'portal',
    'local',
    'operator',
  ])
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  // As a terminal does it: in a process group of its own, which Ctrl-C reaches as a whole.
  running = spawn('npm', ['run', 'dev', '--', '--port', `${await pagePort()}`], {
    cwd: checkout,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [running.stdout, running.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  browser = await startBrowser();
  await vi.waitFor(() => expect(output).toContain('in another terminal'), { timeout: 100_000 });
  stack = JSON.parse(readFileSync(join(checkout, '.local/stack.json'), 'utf8'));
  ({ page } = await openWindow(browser, stack.origin, trouble));
}, 120_000);

afterAll(async () => {
  await browser.close();
  if (running.exitCode === null && running.signalCode === null) await pressCtrlC();
  rmSync(checkout, { recursive: true, force: true });
});

/** Changes a line of a file, which must have it. */
function change(file: string, from: string, to: string): void {
  const path = join(checkout, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

async function pressCtrlC(): Promise<void> {
  const exit = once(running, 'exit');
  process.kill(-(running.pid as number), 'SIGINT');
  await exit;
}

const ask = (path: string) => fetch(stack.origin + path);

describe('npm run dev', () => {
  test('shows a changed line of the page where it stands, with what was typed', async () => {
    await page.goto('/');
    await button(page, en.signIn).click();
    await passSignIn(page);
    await button(page, en.create).click();
    await page.getByLabel(en.name, { exact: true }).fill('My phone');
    change('portal/app-passwords/create.tsx', 'title={text.createTitle}', 'title="A changed title"');
    await heading(page, 'A changed title').waitFor();
    expect(await page.getByLabel(en.name, { exact: true }).inputValue()).toBe('My phone');
  });

  test('signs in by itself where the page is loaded anew, and stores no token', async () => {
    change('portal/text/languages/en.ts', `listTitle: '${en.listTitle}'`, "listTitle: 'Changed words'");
    await heading(page, 'Changed words').waitFor();
    await page.reload();
    await button(page, en.create).waitFor();
    const stored = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
    );
    expect(stored).not.toMatch(/eyJ|access_token/);
  });

  test('waits for the person where the identity provider does not know who it is', async () => {
    const { page: another, context } = await openWindow(browser, stack.origin, trouble);
    await another.goto('/#lost');
    await heading(another, en.lostTitle).waitFor();
    await button(another, en.lostSignIn).waitFor();
    await another.goto('/');
    await button(another, en.signIn).waitFor();
    expect(await another.getByRole('alert').count()).toBe(0);
    await context.close();
  });

  test('answers with a changed line of the app, and keeps the data', async () => {
    const own = person(stack.origin, await signIn(stack.issuer, alice));
    const { body } = await own.create('Phone');
    change('shared/http/problem.ts', 'The access token is missing', 'The token is changed');
    await vi.waitFor(
      async () => expect(await (await ask('/api/policy')).text()).toContain('The token is changed'),
      patience,
    );
    expect((await own.list()).body.appPasswords).toMatchObject([{ id: body.id }]);
    const { verify } = gateway(stack.origin, stack.gatewayKey);
    expect((await verify(alice, body.password)).status).toBe(200);
  });

  test('goes on with the functions that run until new ones do, and says what is wrong', async () => {
    change('functions/health.ts', "status: 'ok'", "status 'ok'");
    await vi.waitFor(() => expect(output).toContain('The functions go on as they were'), patience);
    expect(output).toContain('functions/health.ts');
    expect(await (await ask('/api/health')).json()).toEqual({ status: 'ok' });
    change('functions/health.ts', "status 'ok'", "status: 'mended'");
    await vi.waitFor(
      async () => expect(await (await ask('/api/health')).json()).toEqual({ status: 'mended' }),
      patience,
    );
  });

  test('takes a new function', async () => {
    cpSync(join(checkout, 'functions/health.ts'), join(checkout, 'functions/another.ts'));
    change('functions/another.ts', "http('health'", "http('another'");
    change('functions/another.ts', 'api/health', 'api/another');
    await vi.waitFor(async () => expect((await ask('/api/another')).status).toBe(200), patience);
  });

  test('holds the page to its policy', () => {
    expect(trouble).toEqual([]);
  });

  test('ends with all that it started on Ctrl-C', async () => {
    await page.close();
    await pressCtrlC();
    const { stdout } = await run('ps', ['-eo', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(checkout))).toEqual([]);
    expect(existsSync(join(checkout, '.local/stack.json'))).toBe(false);
    await expect(ask('/')).rejects.toThrow();
  });
});
