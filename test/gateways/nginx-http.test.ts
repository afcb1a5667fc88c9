import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { protectsHttp, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { limitIn, longestPoll } from './device-day.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginx, startNginxHttp } from './nginx-server.ts';
import { type Protected, startProtected, startRadicale } from './protected.ts';

let lab: Lab;
let behind: Protected;
let radicale: string;
let address: string;

beforeAll(async () => {
  lab = await startLab('nginx-http', 'eas,dav');
  radicale = await startRadicale(lab);
  behind = await startProtected(lab, radicale);
  const origin = await startNginxHttp(lab, 'activesync.conf', {
    // Also Radicale's.
    'location /Microsoft-Server-ActiveSync': 'location /',
    '127.0.0.1:20000': behind.host,
  });
  address = `${origin}/Microsoft-Server-ActiveSync`;
}, 120_000);

afterAll(() => lab.close());

protectsHttp({
  name: 'nginx-http',
  version: versionOf('nginx'),
  lab: () => lab,
  address: () => address,
  behind: () => behind,
  radicale: () => radicale,
  pasted: 'welcome',
});

test('moves a pilot group over by a host name of its own, and leaves the old one as it is', async () => {
  const [old, port] = [join(lab.folder('old'), 'passwords'), await freePort(0)];
  writeFileSync(old, `bob@example.com:{PLAIN}${lab.accountPassword}\n`);
  const servers = join(lab.folder('old'), 'servers.conf');
  writeFileSync(
    servers,
    `server {
listen 127.0.0.1:${port};
server_name mail.example.com;
auth_basic "Mail";
auth_basic_user_file ${old};
location / { proxy_pass http://${behind.host}; }
}
server {
listen 127.0.0.1:${port};
server_name pilot.example.com;
include ${lab.fill('service.conf')};
include ${lab.fill('activesync.conf', { 'app-passwords/protect.conf': lab.fill('protect.conf'), '127.0.0.1:20000': behind.host })};
}
`,
  );
  await startNginx(lab, servers, port);
  const ask = async (host: string, name: string, password: string) => {
    const url = `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`;
    return (await http(`${name}@example.com`, password, url, ['-H', `Host: ${host}.example.com`])).said;
  };
  expect(await ask('pilot', 'alice', lab.secrets.first)).toBe('200');
  expect(await ask('pilot', 'bob', lab.accountPassword)).toBe('401 with the challenge');
  expect(await ask('mail', 'bob', lab.accountPassword)).toBe('200');
  expect(await ask('mail', 'alice', lab.secrets.first)).toBe('401 with the challenge');
});

test('waits for news as long as devices ask for', () => {
  expect(limitIn('nginx-http/protect.conf', 'proxy_read_timeout ')).toBeGreaterThan(longestPoll);
});
