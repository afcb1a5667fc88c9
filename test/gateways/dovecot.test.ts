import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { imap, imapIdle, pop3 } from './clients.ts';
import { asksService, deliver, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { run } from './program.ts';

let lab: Lab;
let ports: { imap: number; pop3: number };
let idle: Promise<string[]>;

beforeAll(async () => {
  lab = await startLab('dovecot', 'imap,pop3');
  ports = await startWithFiles('plain');
  idle = imapIdle(lab.username, lab.secrets.first, ports.imap, 90, () => deliver(lab, 'plain', lab.username));
}, 120_000);

afterAll(() => lab.close());

/** Dovecot with the shipped files. */
async function startWithFiles(
  name: string,
  { filled = {}, more = '' }: { filled?: Record<string, string>; more?: string } = {},
): Promise<typeof ports> {
  const ports = { imap: await freePort(0), pop3: await freePort(0) };
  await startDovecot(lab, name, ports, [asksService(lab, filled), more]);
  return ports;
}

behavesAsGateway({
  name: 'dovecot',
  over: 'IMAP',
  version: versionOf('dovecot-core'),
  lab: () => lab,
  signIn: (username, password) => imap(username, password, ports.imap),
  welcome: 'OK',
  refusal: 'NO [AUTHENTICATIONFAILED] Authentication failed.',
  later: 'NO [UNAVAILABLE] Temporary authentication failure.',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com'],
  pasted: 'refusal',
  origin: { protocol: 'imap', clientAddress: '127.0.0.1' },
});

behavesAsGateway({
  name: 'dovecot',
  over: 'POP3',
  version: versionOf('dovecot-core'),
  lab: () => lab,
  signIn: (username, password) => pop3(username, password, ports.pop3),
  welcome: '+OK',
  refusal: '-ERR [AUTH] Authentication failed.',
  later: '-ERR [SYS/TEMP] Temporary authentication failure.',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com'],
  pasted: 'refusal',
  origin: { protocol: 'pop3', clientAddress: '127.0.0.1' },
});

describe('Dovecot by the password grant', () => {
  test('with its cache on, takes two app passwords of one person in turn, and refuses another', async () => {
    const more = 'auth_cache_size = 10M\nauth_cache_ttl = 60 secs\nauth_cache_negative_ttl = 0';
    const { imap: port } = await startWithFiles('cached', { more });
    for (const password of [lab.secrets.first, lab.secrets.second, lab.secrets.first, lab.secrets.second])
      expect(await imap(lab.username, password, port)).toBe('OK');
    expect(await imap(lab.username, lab.secrets.gone, port)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
  });

  test('moves a pilot group over, and asks the old passwords of everybody else', async () => {
    const old = join(lab.folder('old'), 'passwords');
    writeFileSync(
      old,
      ['alice', 'bob'].map((name) => `${name}@example.com:{PLAIN}${lab.accountPassword}\n`).join(''),
    );
    const { imap: port } = await startWithFiles('pilot', {
      filled: { '  driver = oauth2': '  driver = oauth2\n  username_filter = alice@example.com' },
      more: `passdb {
  driver = passwd-file
  args = ${old}
  username_filter = !alice@example.com
}`,
    });
    const signIn = (name: string, password: string) => imap(`${name}@example.com`, password, port);
    expect(await signIn('alice', lab.secrets.first)).toBe('OK');
    expect(await signIn('alice', lab.accountPassword)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(await signIn('bob', lab.accountPassword)).toBe('OK');
    expect(await signIn('bob', lab.secrets.first)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    lab.storage('away');
    const [alice, bob] = [await signIn('alice', lab.secrets.first), await signIn('bob', lab.accountPassword)];
    lab.storage('pass');
    expect(alice).toMatch(/^NO \[UNAVAILABLE\]/);
    expect(bob).toBe('OK');
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
    // 0 and 1: signed in, with mail and without. 3: refused.
    expect((await fetchmail(lab.secrets.first)).code).toBeLessThanOrEqual(1);
    expect((await fetchmail(lab.secrets.gone)).code).toBe(3);
  });

  test('tells of a mail after an IDLE of 90 seconds', { timeout: 120_000 }, async () => {
    expect(await idle).toEqual([expect.stringContaining('EXISTS'), 'c OK']);
  });
});
