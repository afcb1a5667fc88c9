import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { type Lab, startLab } from './lab.ts';
import { type Program, run, start } from './program.ts';

let lab: Lab;
let nginx: Program;
/** What stands behind: it shows what reaches it. */
let upstream: Server;
let address: string;

beforeAll(async () => {
  lab = await startLab('nginx-http', 'eas,dav');
  upstream = createServer((request, response) => {
    const { 'x-remote-user': user, authorization } = request.headers;
    response.end(JSON.stringify({ user, authorization }));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  [nginx, address] = await startNginx(lab.fill('service.conf'));
}, 120_000);

afterAll(async () => {
  await nginx.stop();
  upstream.close();
  await lab.close();
});

/** nginx with the shipped files included in a server of its own. */
async function startNginx(serviceFile: string): Promise<[Program, string]> {
  const folder = lab.folder(`nginx-${serviceFile.length}-${Math.random().toString(36).slice(2)}`);
  const port = await freePort(0);
  const behind = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `daemon off; user root; pid ${folder}/pid; error_log stderr info;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    include ${serviceFile};
    location /Microsoft-Server-ActiveSync { set $app_password_protocol eas; include ${lab.fill('protect.conf')}; proxy_pass ${behind}; }
    location /dav/ { set $app_password_protocol dav; include ${lab.fill('protect.conf')}; proxy_pass ${behind}; }
  }
}
`,
  );
  return [await start('nginx', ['-c', configuration, '-p', folder], port), `http://127.0.0.1:${port}`];
}

/** One request by curl, as a device sends it. */
async function ask(
  username: string,
  password: string,
  { path = '/Microsoft-Server-ActiveSync', args = [] as string[], at = address } = {},
) {
  const { output } = await run('curl', ['-si', '-u', `${username}:${password}`, ...args, at + path]);
  const [head = '', body = ''] = output.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

describe('nginx in front of ActiveSync and DAV', () => {
  test('lets the right app password in, under the one name of its owner, and keeps it from what stands behind', async () => {
    const { username, secrets } = lab;
    for (const typed of [username, 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice']) {
      const { status, body } = await ask(typed, secrets.first);
      expect([status, JSON.parse(body)]).toEqual([200, { user: username }]);
    }
    for (const password of [secrets.first, secrets.second, secrets.first, secrets.second])
      expect((await ask(username, password, { path: '/dav/' })).status).toBe(200);
  });

  test('refuses a wrong, a deleted and the account’s own password, and none at all, with the challenge', async () => {
    const { username, secrets, accountPassword } = lab;
    for (const password of ['aaaa-bbbb-cccc-dddd-eeee', secrets.gone, accountPassword]) {
      const { status, head } = await ask(username, password);
      expect(status).toBe(401);
      expect(head).toMatch(/^www-authenticate: Basic realm=/im);
    }
    const { output } = await run('curl', ['-si', '-X', 'OPTIONS', `${address}/Microsoft-Server-ActiveSync`]);
    expect(output).toMatch(/^HTTP\/1.1 401[\s\S]*www-authenticate: Basic/i);
  });

  test('refuses a password from the very next request after it was deleted', async () => {
    const { id, password } = await lab.create();
    expect((await ask(lab.username, password)).status).toBe(200);
    await lab.remove(id);
    expect((await ask(lab.username, password)).status).toBe(401);
  });

  test('says 503 and when to come again while storage is away, and is right again by itself', async () => {
    const { username, secrets } = lab;
    lab.storage('away');
    const { status, head } = await ask(username, secrets.first);
    lab.storage('pass');
    expect(status).toBe(503);
    expect(head).toMatch(/^retry-after: 30/im);
    await vi.waitFor(async () => expect((await ask(username, secrets.first)).status).toBe(200));
  });

  test('says 503, and not that the password is wrong, when its own key is not known', async () => {
    const service = lab.fill('service.conf', { 'x-gateway-key "': 'x-gateway-key "no-' });
    const [other, at] = await startNginx(service);
    expect((await ask(lab.username, lab.secrets.first, { at })).status).toBe(503);
    await other.stop();
  });

  test.each<[string, (right: { username: string; password: string }) => { path?: string; args?: string[] }]>([
    [
      'headers',
      ({ username, password }) => ({
        args: ['-H', `Auth-User: ${username}`, '-H', `Auth-Pass: ${password}`],
      }),
    ],
    [
      'a JSON body',
      (right) => ({ args: ['-H', 'content-type: application/json', '-d', JSON.stringify(right)] }),
    ],
    ['a form', (right) => ({ args: ['-d', `${new URLSearchParams(right)}`] })],
    ['the query', (right) => ({ path: `/Microsoft-Server-ActiveSync?${new URLSearchParams(right)}` })],
    ['a gateway key of its own', () => ({ args: ['-H', 'x-gateway-key: something'] })],
  ])('is not talked into a login by a client that adds %s', async (_name, added) => {
    const right = { username: lab.username, password: lab.secrets.first };
    expect((await ask('bob@example.com', 'aaaa-bbbb-cccc-dddd-eeee', added(right))).status).toBe(401);
  });

  test('tells the service its own protocol and the client’s address, whatever the client says of them', async () => {
    const args = [
      '-H',
      'X-Protocol: imap',
      '-H',
      'X-Client-Address: 192.0.2.1',
      '-H',
      'X-Forwarded-For: 192.0.2.2',
    ];
    const { password } = await lab.create();
    expect((await ask(lab.username, password, { args, path: '/dav/' })).status).toBe(200);
    await vi.waitFor(() =>
      expect(lab.lastAccepted()).toMatchObject({
        gateway: 'nginx-http',
        protocol: 'dav',
        clientAddress: '127.0.0.1',
      }),
    );
  });
});
