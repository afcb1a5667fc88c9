import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { protectsHttp, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { limitIn, longestPoll } from './device-day.ts';
import { type Lab, startLab } from './lab.ts';
import { start } from './program.ts';
import { type Protected, startProtected, startRadicale } from './protected.ts';

let lab: Lab;
let address: string;
let behind: Protected;
/** Where HAProxy listens for itself. */
let inner: string;
let radicale: string;

beforeAll(async () => {
  lab = await startLab('haproxy', 'eas,dav');
  radicale = await startRadicale(lab);
  behind = await startProtected(lab, radicale);
  const port = await freePort(0);
  address = `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`;
  inner = `127.0.0.1:${await freePort(0)}`;
  const { host, hostname } = new URL(lab.origin);
  const configuration = lab.fill('haproxy.cfg', {
    '/etc/haproxy/app-password.lua': lab.fill('app-password.lua', { '127.0.0.1:1003': inner }),
    '127.0.0.1:1003': inner,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    'Host app-passwords.example.com': `Host ${host}`,
    'app-passwords.example.com:443': host,
    'app-passwords.example.com': hostname,
  });
  appendFileSync(
    configuration,
    `
backend behind
    server behind ${behind.host}
`,
  );
  await start(lab, 'haproxy', ['-db', '-f', configuration], port);
}, 120_000);

afterAll(() => lab.close());

protectsHttp({
  name: 'haproxy',
  version: versionOf('haproxy'),
  lab: () => lab,
  address: () => address,
  behind: () => behind,
  radicale: () => radicale,
  pasted: 'welcome',
  handsTrailers: true,
});

test('waits for news as long as devices ask for', () => {
  expect(limitIn('haproxy/haproxy.cfg', 'timeout server ')).toBeGreaterThan(longestPoll);
});

test('asks nothing for others on its host, who do not have its key', async () => {
  const { username, secrets } = lab;
  expect((await http(username, secrets.first, `http://${inner}/api/verify`)).said).toMatch(/^503/);
});
