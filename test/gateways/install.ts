import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's packages with the programs that the gateways' tests drive. */
const packages = [
  ...['curl', 'fetchmail', 'isync', 'ldap-utils', 'libwbxml2-utils', 'pamtester', 'swaks', 'vdirsyncer'],
  ...['nginx', 'libnginx-mod-mail', 'libnginx-mod-http-js', 'caddy', 'haproxy'],
  ...['apache2', 'libapache2-mod-authnz-pam'],
  ...['dovecot-imapd', 'dovecot-pop3d', 'postfix', 'libidn12'],
  ...['freeradius', 'freeradius-rest', 'freeradius-utils', 'slapd', 'sasl2-bin'],
  ...['radicale', 'sogo', 'sogo-activesync', 'memcached', 'postgresql'],
];

/** Exim stands beside Debian's system, which takes Postfix or Exim, and not both. */
const eximRoot = '/opt/exim4-of-tests';
export const exim = join(eximRoot, 'usr/sbin/exim4');

/** Before the tests: installs what is missing, where this user may; else says what is missing, and no test runs. */
export default function install(): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (!existsSync(exim)) missing.push('exim4-daemon-light');
  if (missing.length === 0 && process.getuid?.() === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`The gateways' tests start mail servers, so they need root on Debian, with its packages.
Missing here: ${missing.join(' ') || 'none'}.`);
  keepDaemonsOff();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => execFileSync('apt-get', ['-q', ...args], { env, stdio: 'inherit' });
  apt('update');
  execFileSync('debconf-set-selections', {
    input: 'postfix postfix/main_mailer_type select No configuration\n',
  });
  apt('install', '-y', '--no-install-recommends', ...missing.filter((name) => packages.includes(name)));
  if (missing.includes('exim4-daemon-light')) unpackExim();
}

function unpackExim(): void {
  const place = mkdtempSync(join(tmpdir(), 'exim-'));
  execFileSync('apt-get', ['-q', 'download', 'exim4-daemon-light'], { cwd: place, stdio: 'inherit' });
  for (const file of readdirSync(place)) execFileSync('dpkg', ['--extract', join(place, file), eximRoot]);
  rmSync(place, { recursive: true });
  if (spawnSync('id', ['Debian-exim']).status !== 0)
    execFileSync('useradd', ['--system', '--shell', '/usr/sbin/nologin', 'Debian-exim']);
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
