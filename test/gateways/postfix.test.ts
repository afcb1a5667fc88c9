import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { root } from '../../local/stack-file.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { smtp } from './clients.ts';
import { asksService, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { run, start } from './program.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await startLab('postfix', 'smtp');
  const folder = lab.folder('postfix');
  const queue = lab.folder('postfix/queue');
  // Postfix would make it by itself, but Dovecot comes first.
  mkdirSync(join(queue, 'private'), { mode: 0o700 });
  execFileSync('chown', ['postfix', join(queue, 'private')]);
  await startHelper(join(queue, 'private/auth'));
  port = await freePort(0);
  await startPostfix(folder, queue);
}, 120_000);

afterAll(() => lab.close());

/** Dovecot as Postfix's helper: the shipped files of both folders. */
function startHelper(socket: string): Promise<void> {
  const listener = lab.fill('10-postfix.conf', { '/var/spool/postfix/private/auth': socket });
  return startDovecot(lab, 'helper', {}, [asksService(lab), `!include ${listener}`]);
}

/** Postfix with the shipped lines, that takes mail and discards it. */
async function startPostfix(folder: string, queue: string): Promise<void> {
  const etc = lab.folder('postfix/etc');
  const data = lab.folder('postfix/data');
  execFileSync('chown', ['postfix', data]);
  const shipped = readFileSync(join(root, 'gateways/postfix/main.cf'), 'utf8');
  if (!shipped.includes('smtpd_tls_auth_only = yes')) throw new Error('the shipped lines want TLS');
  writeFileSync(
    join(etc, 'main.cf'),
    // There is no TLS on the loopback address of a test.
    `${shipped.replace('smtpd_tls_auth_only = yes', 'smtpd_tls_auth_only = no')}
compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
mynetworks =
maillog_file = ${folder}/log
maillog_file_prefixes = /tmp
default_transport = discard
local_transport = discard
smtpd_peername_lookup = no
smtputf8_enable = no
`,
  );
  writeFileSync(
    join(etc, 'master.cf'),
    `127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`,
  );
  await start(lab, 'postfix', ['-c', etc, 'start-fg'], port);
  // Its daemons do not end with what started them.
  lab.atEnd(() => run('postfix', ['-c', etc, 'stop']));
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

test('Postfix takes AUTH LOGIN as well, and no mail to elsewhere without a sign-in', async () => {
  expect(await smtp(lab.username, lab.secrets.second, port, 'LOGIN')).toBe('250');
  const { output } = await run('swaks', [
    ...['--server', `127.0.0.1:${port}`, '--from', 'alice@example.com', '--to', 'bob@example.net'],
  ]);
  expect(output).toMatch(/554 5\.7\.1/);
});
