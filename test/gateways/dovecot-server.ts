import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import type { Lab } from './lab.ts';
import { start } from './program.ts';

/** Who owns the mailboxes of a test. */
const nobody = 65534;

/**
 * The settings by which Dovecot asks the service: the files of `gateways/dovecot`.
 *
 * @param more what else is filled into them
 */
export function asksService(lab: Lab, more: Readonly<Record<string, string>> = {}): string {
  const file = lab.fill('../dovecot/auth-app-password.conf.ext', {
    '/etc/dovecot/app-password.conf.ext': lab.fill('../dovecot/app-password.conf.ext'),
    ...more,
  });
  return `!include ${file}`;
}

/** Brings a mail into somebody's inbox, as the mail server does. */
export function deliver(lab: Lab, name: string, username: string): void {
  const arriving = join(lab.folder(`${name}/mail`), username, 'new', 'news');
  writeFileSync(arriving, 'Subject: News\n\nNews\n');
  chownSync(arriving, nobody, nobody);
}

/**
 * Starts Dovecot as a site has it: where mail lies, and to whom it belongs.
 *
 * @param ports where it listens; without any it only answers Postfix
 * @param settings how it asks for passwords, and what else there is
 */
export async function startDovecot(
  lab: Lab,
  name: string,
  ports: Readonly<Partial<Record<'imap' | 'pop3', number>>>,
  settings: readonly string[],
): Promise<void> {
  const folder = lab.folder(name);
  const mail = lab.folder(`${name}/mail`);
  chownSync(mail, nobody, nobody);
  // Tells when it has started, whatever else listens.
  const started = await freePort(0);
  const listeners = Object.entries(ports).map(
    ([protocol, port]) => `service ${protocol}-login {
  inet_listener ${protocol} {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = 0
  }
}`,
  );
  const configuration = join(folder, 'dovecot.conf');
  writeFileSync(
    configuration,
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols = ${Object.keys(ports).join(' ')}
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
userdb {
  driver = static
  args = uid=${nobody} gid=${nobody} home=${mail}/%u
}
mail_location = maildir:${mail}/%u
first_valid_uid = 100
service auth {
  inet_listener {
    address = 127.0.0.1
    port = ${started}
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${[...listeners, ...settings].join('\n')}
`,
  );
  await start(lab, 'dovecot', ['-F', '-c', configuration], started);
}
