import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './program.ts';

/**
 * One request by curl, as a device sends it: what is said to it, and the body.
 *
 * @param patience how long it waits, in seconds
 */
export async function http(
  username: string,
  password: string,
  address: string,
  args: readonly string[] = [],
  patience = 25,
) {
  const { output } = await run(
    'curl',
    ['-si', '--max-time', `${patience}`, '-u', `${username}:${password}`, ...args, address],
    { patience: patience + 5 },
  );
  const [head = '', body = ''] = output.replace(/^(HTTP\/1\.1 1\d\d[\s\S]*?\r\n\r\n)+/, '').split('\r\n\r\n');
  return { said: saidIn(head), body };
}

/** What the head of an HTTP answer says to a program that signs in. */
export function saidIn(head: string): string {
  const status = head.split(' ')[1] ?? 'nothing';
  const challenge = /^www-authenticate: Basic realm=/im.test(head) ? ' with the challenge' : '';
  const retry = /^retry-after: \d/im.test(head) ? ' with Retry-After' : '';
  return `${status}${challenge}${retry}`;
}

/** A sign-in to IMAP by curl, that looks at the inbox: `OK`, or the server's refusal. */
export async function imap(username: string, password: string, port: number): Promise<string> {
  const said = await mail(username, password, `imap://127.0.0.1:${port}/`, ['-X', 'STATUS INBOX (MESSAGES)']);
  if (said.some((line) => line.startsWith('* STATUS INBOX'))) return 'OK';
  return words(said.find((line) => /^\w+ (NO|BAD)/.test(line))?.replace(/^\w+ /, ''));
}

/**
 * Waits for mail by IDLE (RFC 2177); what the server said to the mail, and to the end.
 *
 * @param deliver brings the mail, after so many seconds
 */
export async function imapIdle(
  username: string,
  password: string,
  port: number,
  seconds: number,
  deliver: () => void,
): Promise<string[]> {
  const said = await converse(port, [
    [/^\* OK/m, 'a AUTHENTICATE PLAIN'],
    [/^\+/m, Buffer.from(`\0${username}\0${password}`).toString('base64')],
    [/^a OK/m, 'b SELECT INBOX'],
    [/^b OK/m, 'c IDLE'],
    [/^\+/m, () => pause(1000 * seconds).then(deliver)],
    [/^\* \d+ EXISTS/m, 'DONE'],
    [/^c OK/m, 'd LOGOUT'],
  ]);
  return said.slice(-2);
}

/** A sign-in to POP3 by USER and PASS (RFC 1939 section 7); what the server said to the last of them. */
export async function pop3User(username: string, password: string, port: number): Promise<string> {
  const said = await converse(port, [
    [/^\+OK/m, `USER ${username}`],
    [/^(\+OK|-ERR)/m, `PASS ${password}`],
    [/^(\+OK|-ERR)/m, 'QUIT'],
  ]);
  return said.at(-1) ?? 'nothing';
}

/** Says each line once the server has said what is awaited; what that was, until the server ends. */
function converse(
  port: number,
  steps: [awaited: RegExp, answer: string | (() => Promise<void>)][],
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    let heard = '';
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (data) => {
      heard += data;
      const [awaited, answer] = steps[0] ?? [];
      const found = awaited?.exec(heard)?.[0];
      if (found === undefined) return;
      said.push(found);
      heard = '';
      steps.shift();
      if (typeof answer === 'string') socket.write(`${answer}\r\n`);
      else answer?.().catch(reject);
    });
    socket.on('error', reject).on('close', () => resolve(said));
  });
}

/** A sign-in to POP3 by curl, that lists the mail: `+OK`, or the server's refusal. */
export async function pop3(username: string, password: string, port: number): Promise<string> {
  const said = await mail(username, password, `pop3://127.0.0.1:${port}/`, []);
  if (said.some((line) => line.startsWith('+OK Logged in'))) return '+OK';
  return words(said.find((line) => line.startsWith('-ERR')));
}

/** A mail submitted by swaks as whoever signs in: `250`, or the server's refusal. */
export function smtp(username: string, password: string, port: number, mechanism = 'PLAIN'): Promise<string> {
  const from = /^[!-[\]-~]+@[!-~]+$/.test(username) ? username : 'alice@example.com';
  return submit(username, password, port, ['--from', from, '--auth', mechanism]);
}

/**
 * A mail submitted by swaks: `250`, or the server's refusal.
 *
 * @param args also who sends
 * @param size of an attachment, in megabytes
 */
export async function submit(
  username: string,
  password: string,
  port: number,
  args: readonly string[],
  size = 0,
): Promise<string> {
  const send = async (attachment?: string) => {
    const { output } = await run(
      'swaks',
      [
        ...['--server', `127.0.0.1:${port}`, '--timeout', '60', '--auth', 'PLAIN'],
        ...['--auth-user', username, '--auth-password', password, '--to', 'bob@example.net'],
        ...(attachment === undefined ? [] : ['--attach', `@${attachment}`, '--suppress-data']),
        ...args,
      ],
      { patience: 80 },
    );
    return output;
  };
  const output = size === 0 ? await send() : await withFile(Buffer.alloc(size * 1_000_000, 'a'), send);
  const said = output
    .split('\n')
    .filter((line) => /^<[-~*]/.test(line))
    .map((line) => line.slice(3).trim());
  const answer = said.findIndex((line) => /^(235|[45]\d\d)/.test(line));
  if (!said[answer]?.startsWith('235')) return words(said[answer]);
  if (said.slice(answer).some((line) => /^250 .*(queued|id=)/.test(line))) return '250';
  return words(said.slice(answer).find((line) => /^[45]\d\d/.test(line)));
}

async function withFile<T>(content: string | Buffer, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mail-'));
  const file = join(folder, 'content');
  writeFileSync(file, content);
  return use(file).finally(() => rmSync(folder, { recursive: true }));
}

async function mail(username: string, password: string, address: string, args: readonly string[]) {
  const common = ['-sv', '--max-time', '25', '--login-options', 'AUTH=PLAIN'];
  const { output } = await run('curl', [...common, '-u', `${username}:${password}`, address, ...args]);
  return output
    .split('\n')
    .filter((line) => line.startsWith('< '))
    .map((line) => line.slice(2).trim());
}

/** Without what changes from one time to the next. */
function words(line = 'nothing'): string {
  return line.replace(/ \[[^\]]*:[^\]]*\]$/, '');
}
