import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway } from './behaviour.ts';
import { http, smtp } from './clients.ts';
import { exim } from './install.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginx } from './nginx-server.ts';
import { run, start } from './program.ts';
import { tiesSenders } from './senders.ts';

let lab: Lab;
let port: number;
/** Where its nginx listens. */
let inner: string;

beforeAll(async () => {
  lab = await startLab('exim', 'smtp');
  port = await freePort(0);
  const spool = lab.folder('spool');
  execFileSync('chown', ['Debian-exim:', spool]);
  const relay = await freePort(0);
  inner = `127.0.0.1:${relay}`;
  await startNginx(lab, lab.fill('nginx.conf', { '127.0.0.1:1002': inner }), relay);
  const senders = lab.fill('senders', { '# info@': 'info@' });
  const acl = lab.fill('acl.conf', {
    '127.0.0.1:1002': inner,
    '465:587': `${port}`,
    '/etc/exim4/app-password-senders': senders,
    '${readfile{/etc/exim4/app-password-key}': `\${readfile{${keyFile()}}`,
  });
  const authenticators = lab.fill('authenticators.conf', {
    // There is no TLS on the loopback address of a test.
    '${if def:tls_in_cipher}': 'yes',
  });
  const configuration = join(lab.folder('exim'), 'exim.conf');
  writeFileSync(
    configuration,
    `primary_hostname = mail.example.com
spool_directory = ${spool}
log_file_path = ${spool}/%slog
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_mail = app_password_sender
acl_smtp_rcpt = recipients
begin acl
${readFileSync(acl, 'utf8')}
recipients:
  accept authenticated = *
  deny message = Sign in first
begin routers
all:
  driver = accept
  transport = discard
begin transports
discard:
  driver = appendfile
  file = /dev/null
  user = Debian-exim
begin authenticators
${readFileSync(authenticators, 'utf8')}
`,
  );
  await start(lab, exim, ['-bdf', '-C', configuration, '-oX', `127.0.0.1.${port}`, '-oP', '/dev/null'], port);
}, 120_000);

afterAll(() => lab.close());

/** The gateway's key where only Exim reads it. */
function keyFile(): string {
  const file = join(lab.folder('exim'), 'key');
  writeFileSync(file, lab.key, { mode: 0o640 });
  execFileSync('chown', ['root:Debian-exim', file]);
  return file;
}

behavesAsGateway({
  name: 'exim',
  version: /Exim version (\S+)/.exec(
    execFileSync(exim, ['-C', '/dev/null', '-bV'], { encoding: 'utf8' }),
  )?.[1],
  lab: () => lab,
  signIn: (username, password) => smtp(username, password, port),
  welcome: '250',
  refusal: '535 Incorrect authentication data',
  later: '435 Unable to authenticate at present: try again later',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  pasted: 'welcome',
  origin: { protocol: 'smtp', clientAddress: '127.0.0.1' },
});

tiesSenders(
  () => lab,
  () => port,
  'info@example.com',
);

test('Exim takes AUTH LOGIN as well', async () => {
  expect(await smtp(lab.username, lab.secrets.second, port, 'LOGIN')).toBe('250');
});

test('Exim takes no mail without a sign-in', async () => {
  const args = ['--server', `127.0.0.1:${port}`, '--from', lab.username, '--to', 'bob@example.net'];
  expect((await run('swaks', args)).output).toMatch(/550 5\.7\.1 Sign in first/);
});

test('Exim’s configuration, which it shows to everybody on its host, holds no key', async () => {
  const files = ['acl.conf', 'authenticators.conf', 'nginx.conf'].map((file) => lab.fill(file));
  for (const file of files) expect(readFileSync(file, 'utf8')).not.toContain(lab.key);
});

test('Exim’s nginx asks nothing for others on its host, who do not have its key', async () => {
  const { username, secrets } = lab;
  expect((await http(username, secrets.first, `http://${inner}/`)).said).toMatch(/^503/);
});
