import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

/** Debian's packages with the programs that the gateways' tests drive. */
const packages = [
  ...['curl', 'fetchmail', 'isync', 'swaks'],
  ...['nginx', 'libnginx-mod-mail', 'libnginx-mod-http-js'],
  ...['dovecot-imapd', 'dovecot-pop3d', 'postfix'],
];

/** Before the tests: installs what is missing, where this user may; else says what is missing, and no test runs. */
export default function install(): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0 && process.getuid?.() === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`The gateways' tests start mail servers, so they need root on Debian, and there: ${packages.join(' ')}.
Missing here: ${missing.join(' ') || 'none'}.`);
  keepDaemonsOff();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => execFileSync('apt-get', ['-q', ...args], { env, stdio: 'inherit' });
  apt('update');
  execFileSync('debconf-set-selections', {
    input: 'postfix postfix/main_mailer_type select No configuration\n',
  });
  apt('install', '-y', '--no-install-recommends', ...missing);
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return /^Status: install ok installed$/m.test(stdout);
}

/** Packages would start their daemons for everybody; the tests start their own, on this machine's own address. */
function keepDaemonsOff(): void {
  const policy = '/usr/sbin/policy-rc.d';
  if (!existsSync(policy)) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
}
