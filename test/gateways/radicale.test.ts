import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginxHttp } from './nginx-server.ts';
import { run, start } from './program.ts';

let lab: Lab;
let origin: string;

beforeAll(async () => {
  lab = await startLab('radicale', 'dav');
  const port = await freePort(0);
  const config = lab.fill('config', {
    '127.0.0.1:5232': `127.0.0.1:${port}`,
    '/var/lib/radicale/collections': lab.folder('collections'),
  });
  await start(lab, 'radicale', ['--config', config], port);
  origin = await startNginxHttp(lab, 'nginx.conf', { '127.0.0.1:5232': `127.0.0.1:${port}` });
}, 120_000);

afterAll(() => lab.close());

behavesAsGateway({
  name: 'radicale',
  version: versionOf('radicale'),
  lab: () => lab,
  signIn: async (username, password) =>
    (await http(username, password, `${origin}/alice@example.com/`, ['-X', 'PROPFIND', '-H', 'Depth: 0']))
      .said,
  welcome: '207',
  refusal: '401 with the challenge',
  later: '503 with Retry-After',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  origin: { protocol: 'dav', clientAddress: '127.0.0.1' },
});

test('Radicale keeps vdirsyncer’s calendar, and takes nothing with a deleted password', async () => {
  const sync = async (password: string, device: string) => {
    const home = lab.folder(device);
    mkdirSync(join(home, 'near'), { recursive: true });
    writeFileSync(
      join(home, 'config'),
      `[general]
status_path = "${home}/status/"
[pair calendar]
a = "near"
b = "far"
collections = [["home", "home", "home"]]
[storage near]
type = "filesystem"
path = "${home}/near/"
fileext = ".ics"
[storage far]
type = "caldav"
url = "${origin}/alice@example.com/"
username = "alice@example.com"
password = "${password}"
`,
    );
    const args = ['--config', join(home, 'config')];
    await run('vdirsyncer', [...args, 'discover'], { home, input: 'y\ny\n' });
    return run('vdirsyncer', [...args, 'sync'], { home });
  };
  const { secrets } = lab;
  const near = lab.folder('phone/near/home');
  writeFileSync(
    join(near, 'meeting.ics'),
    [
      ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', 'BEGIN:VEVENT', 'UID:meeting', 'SUMMARY:Meeting'],
      ...['DTSTAMP:20260101T000000Z', 'DTSTART:20260102T090000Z', 'DTEND:20260102T100000Z'],
      ...['END:VEVENT', 'END:VCALENDAR', ''],
    ].join('\r\n'),
  );
  expect(await sync(secrets.first, 'phone')).toMatchObject({ code: 0 });
  expect(await sync(secrets.second, 'tablet')).toMatchObject({ code: 0 });
  expect(readdirSync(lab.folder('tablet/near/home'))).toEqual(['meeting.ics']);
  expect((await sync(secrets.gone, 'lost')).code).not.toBe(0);
  expect(readdirSync(lab.folder('lost/near/home'))).toEqual([]);
});
