import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import type { Lab } from './lab.ts';
import { run, start } from './program.ts';

/**
 * Starts a Postfix of its own that takes mail for example.org, and where it may for elsewhere, and discards it.
 *
 * @param main lines of `main.cf`
 * @param master the shipped lines of `master.cf`, with one service
 * @param queue the folder of its queue
 * @returns the port where it listens
 */
export async function startPostfix(lab: Lab, main: string, master: string, queue: string): Promise<number> {
  const port = await freePort(0);
  // There is neither TLS nor a jail on the loopback address of a test.
  const service = master
    .replace(/^\S+ +inet +n +- +y/m, `127.0.0.1:${port} inet n - n`)
    .replace('  -o smtpd_tls_wrappermode=yes\n', '');
  const etc = lab.folder('postfix/etc');
  const data = lab.folder('postfix/data');
  execFileSync('chown', ['postfix', data]);
  writeFileSync(
    join(etc, 'main.cf'),
    `${main}
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
mydestination = example.org
local_recipient_maps =
mynetworks =
maillog_file = ${lab.folder('postfix')}/log
maillog_file_prefixes = /tmp
default_transport = discard
local_transport = discard
smtpd_peername_lookup = no
smtputf8_enable = no
`,
  );
  writeFileSync(
    join(etc, 'master.cf'),
    `${service}
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
  return port;
}
