import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { smtp } from './clients.ts';
import { asksService, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { startPostfix } from './postfix-server.ts';
import { run } from './program.ts';
import { tiesSenders } from './senders.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await startLab('postfix', 'smtp');
  const queue = lab.folder('postfix/queue');
  // Postfix would make it by itself, but Dovecot comes first.
  mkdirSync(join(queue, 'private'), { mode: 0o700 });
  execFileSync('chown', ['postfix', join(queue, 'private')]);
  await startHelper(join(queue, 'private/auth'));
  port = await startPostfix(lab, main(), readFileSync(lab.fill('master.cf'), 'utf8'), queue);
}, 120_000);

afterAll(() => lab.close());

/** Dovecot as Postfix's helper: the shipped files of both folders. */
function startHelper(socket: string): Promise<void> {
  const listener = lab.fill('10-postfix.conf', { '/var/spool/postfix/private/auth': socket });
  return startDovecot(lab, 'helper', {}, [asksService(lab), `!include ${listener}`]);
}

/** The shipped lines of `main.cf`, and senders with the address that stands there as a sample. */
function main(): string {
  const senders = lab.fill('senders', { '# /^info': '/^info' });
  const content = readFileSync(lab.fill('main.cf', { '/etc/postfix/app-password-senders': senders }), 'utf8');
  if (!content.includes('smtpd_tls_auth_only = yes')) throw new Error('the shipped lines want TLS');
  // There is no TLS on the loopback address of a test.
  return content.replace('smtpd_tls_auth_only = yes', 'smtpd_tls_auth_only = no');
}

const refusal = '535 5.7.8 Error: authentication failed: (reason unavailable)';

behavesAsGateway({
  name: 'postfix',
  version: versionOf('postfix'),
  lab: () => lab,
  signIn: (username, password) => smtp(username, password, port),
  welcome: '250',
  refusal,
  later: refusal,
  names: ['alice@example.com', 'alice', 'ALICE@Example.com'],
  origin: { protocol: 'smtp', clientAddress: '127.0.0.1' },
});

tiesSenders(
  () => lab,
  () => port,
  'info@example.com',
);

test('Postfix takes AUTH LOGIN as well', async () => {
  expect(await smtp(lab.username, lab.secrets.second, port, 'LOGIN')).toBe('250');
});

test.each(['bob@example.net', 'bob@example.org'])(
  'Postfix takes no mail to %s without a sign-in',
  async (to) => {
    const { output } = await run('swaks', [
      '--server',
      `127.0.0.1:${port}`,
      '--from',
      lab.username,
      '--to',
      to,
    ]);
    expect(output).toMatch(/554 5\.7\.1/);
  },
);
