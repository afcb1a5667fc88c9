import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { protectsHttp, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { limitIn, longestPoll } from './device-day.ts';
import { type Lab, startLab } from './lab.ts';
import { installPamService } from './pam-service.ts';
import { start } from './program.ts';
import { type Protected, startProtected, startRadicale } from './protected.ts';

let lab: Lab;
let address: string;
let behind: Protected;
let radicale: string;

beforeAll(async () => {
  lab = await startLab('apache', 'eas,dav', 'typed');
  installPamService(lab, 'app-passwords-apache', 'eas');
  radicale = await startRadicale(lab);
  behind = await startProtected(lab, radicale);
  const port = await freePort(0);
  address = `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`;
  const folder = lab.folder('apache');
  const service = { 'AuthPAMService app-passwords': 'AuthPAMService app-passwords-apache' };
  const protect = lab.fill('app-password.conf', service);
  const modules = [
    ...['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_basic', 'authnz_pam'],
    ...['headers', 'setenvif', 'reqtimeout', 'proxy', 'proxy_http'],
  ];
  const locations = lab.fill('activesync.conf', {
    'Include app-passwords/app-password.conf': `Include ${protect}`,
    // Also Radicale's.
    'Location /Microsoft-Server-ActiveSync': 'Location /',
    'http://127.0.0.1:20000/Microsoft-Server-ActiveSync': `http://${behind.host}/`,
  });
  const configuration = join(folder, 'httpd.conf');
  writeFileSync(
    configuration,
    `${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/log
User www-data
Group www-data
Listen 127.0.0.1:${port}
# As Debian has it.
RequestReadTimeout header=20-40,minrate=500 body=10,minrate=500
Include ${locations}
`,
  );
  await start(lab, 'apache2', ['-D', 'FOREGROUND', '-f', configuration], port);
}, 120_000);

afterAll(() => lab.close());

protectsHttp({
  name: 'apache',
  version: versionOf('apache2'),
  lab: () => lab,
  address: () => address,
  behind: () => behind,
  radicale: () => radicale,
  later: '401 with the challenge',
  names: ['alice@example.com'],
  pasted: 'refusal',
});

test('takes nothing but the person’s one name, as it cannot learn that from another', async () => {
  for (const typed of ['alice', 'ALICE@Example.com', 'EXAMPLE\\alice', 'alice@example.com '])
    expect((await http(typed, lab.secrets.first, address)).said).toBe('401 with the challenge');
});

test('waits for news as long as devices ask for', () => {
  expect(limitIn('apache/activesync.conf', 'timeout=')).toBeGreaterThan(longestPoll);
});
