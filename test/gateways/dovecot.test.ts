import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { type Program, run } from './program.ts';

let lab: Lab;
let dovecot: Program;
let ports: { imap: number; pop3: number };

beforeAll(async () => {
  lab = await startLab('dovecot', 'imap,pop3');
  [dovecot, ports] = await startWithFiles('plain');
}, 120_000);

afterAll(async () => {
  await dovecot.stop();
  await lab.close();
});

/** Dovecot with the shipped files. */
async function startWithFiles(
  name: string,
  { cache = '', key = {} }: { cache?: string; key?: Record<string, string> } = {},
): Promise<[Program, typeof ports]> {
  const ports = { imap: await freePort(0), pop3: await freePort(0) };
  const passdb = lab.fill('auth-app-password.conf.ext', {
    '/etc/dovecot/app-password.conf.ext': lab.fill('app-password.conf.ext', key),
  });
  return [await startDovecot(lab, name, ports, [`!include ${passdb}`, cache]), ports];
}

/** A sign-in by curl; what the server said to it. */
async function imap(username: string, password: string, port = ports.imap): Promise<string> {
  const args = ['-sv', '--max-time', '20', '-u', `${username}:${password}`, `imap://127.0.0.1:${port}/`];
  const { output } = await run('curl', [...args, '-X', 'STATUS INBOX (MESSAGES)']);
  return output
    .split('\n')
    .filter((line) => /^< (\* STATUS|\w+ (OK|NO|BAD))/.test(line))
    .join('\n');
}

const isIn = /STATUS INBOX/;
const isRefused = /NO \[AUTHENTICATIONFAILED\]/;

describe('Dovecot by the password grant', () => {
  test('lets the right app password in over IMAP and POP3, however the name is typed', async () => {
    const { username, secrets } = lab;
    for (const typed of [username, 'alice', 'ALICE@Example.com'])
      expect(await imap(typed, secrets.first)).toMatch(isIn);
    for (const password of [secrets.first, secrets.second])
      expect(await imap(username, password)).toMatch(isIn);
    const pop3 = await run('curl', [
      '-sv',
      '-u',
      `${username}:${secrets.first}`,
      `pop3://127.0.0.1:${ports.pop3}/`,
    ]);
    expect(pop3.output).toMatch(/\+OK Logged in/);
  });

  test('refuses a wrong, a deleted and the account’s own password', async () => {
    for (const password of ['aaaa-bbbb-cccc-dddd-eeee', lab.secrets.gone, lab.accountPassword])
      expect(await imap(lab.username, password)).toMatch(isRefused);
  });

  test('refuses a password from the very next sign-in after it was deleted', async () => {
    const { id, password } = await lab.create();
    expect(await imap(lab.username, password)).toMatch(isIn);
    await lab.remove(id);
    expect(await imap(lab.username, password)).toMatch(isRefused);
  });

  test('says that it is unavailable while storage is away, and is right again by itself', async () => {
    lab.storage('away');
    const answer = await imap(lab.username, lab.secrets.first);
    lab.storage('pass');
    expect(answer).toMatch(/NO \[UNAVAILABLE\]/);
    await vi.waitFor(async () => expect(await imap(lab.username, lab.secrets.first)).toMatch(isIn));
  });

  test('says that it is unavailable, and not that the password is wrong, when its own key is not known', async () => {
    const [other, { imap: port }] = await startWithFiles('unknown', {
      key: { 'client_secret = ': 'client_secret = no-' },
    });
    expect(await imap(lab.username, lab.secrets.first, port)).toMatch(/NO \[UNAVAILABLE\]/);
    await other.stop();
  });

  test('with its cache on, takes two app passwords of one person in turn, and refuses another', async () => {
    const cache = 'auth_cache_size = 10M\nauth_cache_ttl = 60 secs\nauth_cache_negative_ttl = 0';
    const [other, { imap: port }] = await startWithFiles('cached', { cache });
    for (const password of [lab.secrets.first, lab.secrets.second, lab.secrets.first, lab.secrets.second])
      expect(await imap(lab.username, password, port)).toMatch(isIn);
    expect(await imap(lab.username, lab.secrets.gone, port)).toMatch(isRefused);
    await other.stop();
  });

  test('tells the service protocol and address', async () => {
    const { password } = await lab.create();
    await imap(lab.username, password);
    await vi.waitFor(() =>
      expect(lab.lastAccepted()).toMatchObject({
        gateway: 'dovecot',
        protocol: 'imap',
        clientAddress: '127.0.0.1',
      }),
    );
  });

  test('serves mbsync, which is refused with a deleted password', async () => {
    const mbsync = async (password: string) => {
      const folder = lab.folder(`mbsync-${password.slice(0, 4)}`);
      writeFileSync(
        join(folder, 'mbsyncrc'),
        `IMAPAccount test
Host 127.0.0.1
Port ${ports.imap}
User ${lab.username}
Pass "${password}"
SSLType None

IMAPStore far
Account test

MaildirStore near
Path ${folder}/
Inbox ${folder}/INBOX

Channel all
Far :far:
Near :near:
Create Near
`,
      );
      const { code, output } = await run('mbsync', ['-c', join(folder, 'mbsyncrc'), 'all'], { home: folder });
      return { code, output, hasInbox: existsSync(join(folder, 'INBOX')) && readdirSync(folder).length > 1 };
    };
    expect(await mbsync(lab.secrets.first)).toMatchObject({ code: 0, hasInbox: true });
    expect(await mbsync(lab.secrets.gone)).toMatchObject({
      code: 1,
      output: expect.stringContaining('AUTHENTICATIONFAILED'),
    });
  });

  test('serves fetchmail, which is refused with a deleted password', async () => {
    const fetchmail = (password: string) => {
      const folder = lab.folder(`fetchmail-${password.slice(0, 4)}`);
      const file = join(folder, 'fetchmailrc');
      writeFileSync(
        file,
        `poll 127.0.0.1 protocol IMAP port ${ports.imap} auth password user "${lab.username}" password "${password}" sslproto "" keep mda "cat"\n`,
        { mode: 0o600 },
      );
      return run('fetchmail', ['-f', file, '--nosyslog'], { home: folder });
    };
    // 1: signed in, and there was no mail. 3: refused.
    expect((await fetchmail(lab.secrets.first)).code).toBe(1);
    expect((await fetchmail(lab.secrets.gone)).code).toBe(3);
  });
});
