import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { servesDevices } from './device-day.ts';
import { guardsCalendars, guardsIdentity } from './identity-headers.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginxHttp } from './nginx-server.ts';
import { run } from './program.ts';
import { type Protected, startProtected, startRadicale } from './protected.ts';

let lab: Lab;
let radicale: string;
let origin: string;
/** The same files in front of what tells what arrived. */
let behind: Protected;
let recorded: string;

beforeAll(async () => {
  lab = await startLab('radicale', 'dav');
  radicale = await startRadicale(lab);
  behind = await startProtected(lab);
  [origin, recorded] = [
    await startNginxHttp(lab, 'nginx.conf', { '127.0.0.1:5232': radicale }),
    await startNginxHttp(lab, 'nginx.conf', { '127.0.0.1:5232': behind.host }),
  ];
}, 120_000);

afterAll(() => lab.close());

/** A name that Radicale takes for a folder in a folder. */
const withSlash = 'a/b@example.com';

behavesAsGateway({
  name: 'radicale',
  version: versionOf('radicale'),
  lab: () => lab,
  signIn: async (username, password) =>
    (await http(username, password, `${origin}/`, ['-X', 'PROPFIND', '-H', 'Depth: 0'])).said,
  welcome: '207',
  refusal: '401 with the challenge',
  later: '503 with Retry-After',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  cannot: [withSlash],
  origin: { protocol: 'dav', clientAddress: '127.0.0.1' },
});

guardsIdentity({ lab: () => lab, address: () => `${recorded}/alice/`, behind: () => behind });
guardsCalendars(
  () => lab,
  () => origin,
  () => radicale,
);

test('Radicale refuses a name with a slash, of which it would make a folder in a folder', async () => {
  const ask = (username: string) => http(username, lab.secrets.first, `${origin}/`, ['-X', 'PROPFIND']);
  expect((await lab.named(withSlash, ask)).said).toBe('403');
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

servesDevices({ lab: () => lab, address: () => `${recorded}/alice/`, behind: () => behind });
