import { randomBytes } from 'node:crypto';
import { passwordKey } from '../shared/domain/app-password/app-password.ts';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { verifyCredentials } from '../shared/domain/gateway/verify.ts';
import { personKey } from '../shared/domain/person/person.ts';
import type { Ports } from '../shared/domain/ports.ts';
import type { Username } from '../shared/domain/username/username.ts';
import { pepperVersion } from '../shared/key-vault/pepper.ts';
import { systemClock, systemRandom } from '../shared/runtime/system.ts';
import { appPassword } from '../testing/app-password.ts';
import { quietPorts } from '../testing/ports.ts';
import { median } from './load.ts';

/** The CPU time of one verify without any input or output, in microseconds: the median of seven runs. */
export async function domainMicroseconds(): Promise<number> {
  const version = pepperVersion({ version: 'bench', value: randomBytes(32) });
  const person = personKey('tenant', 'alice');
  const password = generatePassword(systemRandom);
  const row = {
    ...appPassword({
      key: passwordKey(version, person, password),
      lastUsed: { at: Date.now(), protocol: null, gateway: 'bench', clientAddress: null },
    }),
    version: '1',
  };
  const username = 'alice@example.com' as Username;
  const nothing = () => {
    throw new Error('verify needs none of this');
  };
  const ports: Ports = {
    ...quietPorts(),
    usernameRules: { domains: ['example.com'], aliases: new Map(), defaultDomain: 'example.com' },
    passwords: {
      trimmedAtOnce: 0,
      removedAtOnce: 0,
      find: async () => row,
      person: nothing,
      profile: nothing,
      commit: nothing,
      used: nothing,
      refused: nothing,
      erase: nothing,
    },
    usernames: {
      holder: async () => ({ person, username }),
      read: nothing,
      write: nothing,
      remove: nothing,
      former: nothing,
    },
    pepper: { read: async () => ({ enabled: [version], writing: version, stale: false }) },
    clock: systemClock,
    queue: nothing,
    later: () => {},
  };
  const typed = {
    username: 'Alice@example.com',
    password: formatPassword(password),
    goesOnWith: 'canonical',
    origin: { gateway: 'bench', protocol: null, clientAddress: null },
  } as const;
  const { signal } = new AbortController();

  const times: number[] = [];
  for (let run = 0; run < 7; run++) {
    const before = process.cpuUsage();
    for (let i = 0; i < 20_000; i++) await verifyCredentials(ports, typed, signal);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 20_000);
  }
  return median(times);
}
