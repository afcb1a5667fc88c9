import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

/**
 * Puts the files of `gateways/pam` where PAM looks for them, under a name of their own.
 *
 * @param name the PAM service that a program asks for
 */
export function installPamService(lab: Lab, name: string, protocol: string): void {
  const key = lab.fill('../pam/app-passwords.curl');
  const script = lab.fill('../pam/pam-app-password', { '/etc/app-passwords.curl': key });
  chmodSync(script, 0o755);
  const service = join('/etc/pam.d', name);
  renameSync(
    lab.fill('../pam/app-passwords', {
      '/usr/local/bin/pam-app-password imap': `${script} ${protocol}`,
    }),
    service,
  );
  lab.atEnd(() => rmSync(service));
}
