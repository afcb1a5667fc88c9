import { TableClient } from '@azure/data-tables';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { verifyCredentials } from '../shared/domain/gateway/verify.ts';
import type { Ports } from '../shared/domain/ports.ts';
import { openVault } from '../shared/key-vault/client.ts';
import { pepperIn } from '../shared/key-vault/pepper.ts';
import { systemClock, systemRandom } from '../shared/runtime/system.ts';
import { readStoreSettings } from '../shared/settings/settings.ts';
import { passwordsIn } from '../shared/tables/passwords.ts';
import { tableNames } from '../shared/tables/tables.ts';
import { usernamesIn } from '../shared/tables/usernames.ts';
import { quietPorts } from '../testing/ports.ts';

// Run by itself, with --expose-gc: verifies different users, and prints the memory in MiB after 10,000 and 100,000.
const settings = readStoreSettings(process.env);
const vault = openVault(settings, () => {
  throw new Error('the bench runs locally');
});
const open = (name: string) =>
  TableClient.fromConnectionString(process.env.TABLES_CONNECTION_STRING ?? '', name, {
    allowInsecureConnection: true,
  });
const nothing = () => {
  throw new Error('verify needs none of this');
};
const ports: Ports = {
  ...quietPorts(),
  passwords: passwordsIn(open(tableNames.passwords)),
  usernames: usernamesIn(open(tableNames.usernames), systemClock),
  pepper: pepperIn(vault, systemClock, () => {}),
  clock: systemClock,
  queue: nothing,
  later: (task) => void setImmediate(() => task(new AbortController().signal)),
};
const origin = { gateway: 'bench', protocol: null, clientAddress: null };
const password = formatPassword(generatePassword(systemRandom));

let next = 0;
async function verifyUpTo(count: number): Promise<void> {
  const worker = async () => {
    while (next < count) {
      const username = `user${next++}@example.com`;
      await verifyCredentials(
        ports,
        { username, password, goesOnWith: 'canonical', origin },
        AbortSignal.timeout(5_000),
      );
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

function mebibytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

await verifyUpTo(10_000);
const after10k = mebibytes();
await verifyUpTo(100_000);
console.log(JSON.stringify({ after10k, after100k: mebibytes() }));
process.exit();
