import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway, unusual, versionOf } from './behaviour.ts';
import { http, saidIn } from './clients.ts';
import { servesDevices } from './device-day.ts';
import { asksService, startDovecot } from './dovecot-server.ts';
import { guardsIdentity } from './identity-headers.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginxHttp } from './nginx-server.ts';
import { run, start } from './program.ts';
import { type Protected, startProtected } from './protected.ts';

let lab: Lab;
let origin: string;
/** The same files in front of what tells what arrived. */
let behind: Protected;
let recorded: string;

beforeAll(async () => {
  lab = await startLab('sogo', 'eas,dav,imap');
  const [imap, database, cache, sogo] = [
    await freePort(0),
    await freePort(0),
    await freePort(0),
    await freePort(0),
  ];
  await startDovecot(lab, 'dovecot', { imap }, [asksService(lab)]);
  await startDatabase(database);
  await start(lab, 'memcached', ['-u', 'nobody', '-l', '127.0.0.1', '-p', `${cache}`], cache);
  const configuration = lab.fill('sogo.conf', {
    '127.0.0.1:20000': `127.0.0.1:${sogo}`,
    '127.0.0.1:5432': `127.0.0.1:${database}`,
    '127.0.0.1:143': `127.0.0.1:${imap}`,
    '127.0.0.1:11211': `127.0.0.1:${cache}`,
  });
  await startSogo(configuration, sogo);
  origin = await startNginxHttp(lab, 'nginx.conf', { '127.0.0.1:20000': `127.0.0.1:${sogo}` });
  behind = await startProtected(lab);
  recorded = await startNginxHttp(lab, 'nginx.conf', { '127.0.0.1:20000': behind.host });
}, 120_000);

afterAll(() => lab.close());

/** A folder that belongs to a user of the system. */
function folderOf(user: string, name: string): string {
  const folder = lab.folder(name);
  execFileSync('chown', [`${user}:`, folder]);
  return folder;
}

/** The arguments of `setpriv` for a program that must not be root. */
const as = (user: string) => ['--reuid', user, '--regid', user, '--clear-groups'];

async function startDatabase(port: number): Promise<void> {
  const folder = folderOf('postgres', 'database');
  const [version = ''] = readdirSync('/usr/lib/postgresql');
  const program = (name: string) => join('/usr/lib/postgresql', version, 'bin', name);
  const made = await run('setpriv', [...as('postgres'), program('initdb'), '-A', 'trust', '-D', folder]);
  if (made.code !== 0) throw new Error(made.output);
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const args = settings.flatMap((setting) => ['-c', setting]);
  await start(lab, 'setpriv', [...as('postgres'), program('postgres'), '-D', folder, ...args], port);
  const sql = (database: string, ...more: string[]) =>
    run('psql', [
      '-h',
      '127.0.0.1',
      '-p',
      `${port}`,
      '-U',
      'postgres',
      '-v',
      'ON_ERROR_STOP=1',
      database,
      ...more,
    ]);
  for (const { code, output } of [
    await sql('postgres', '-c', 'CREATE ROLE sogo LOGIN', '-c', 'CREATE DATABASE sogo OWNER sogo'),
    await sql('sogo', '-c', 'SET ROLE sogo', '-f', lab.fill('people.sql'), '-c', addPeople),
  ])
    if (code !== 0) throw new Error(output);
}

/** All the names that alice has in these tests. */
const addPeople = `CREATE OR REPLACE VIEW people AS
  SELECT name AS c_uid, name AS c_name, '!' AS c_password, 'Alice' AS c_cn, name AS mail
  FROM unnest(ARRAY[${['alice@example.com', ...unusual].map((name) => `'${name.replaceAll("'", "''")}'`)}]) AS name;`;

/** Starts SOGo, which reads its settings from this one place only. */
async function startSogo(configuration: string, port: number): Promise<void> {
  const place = '/etc/sogo/sogo.conf';
  const original = `${place}.original`;
  if (!existsSync(original)) renameSync(place, original);
  lab.atEnd(() => renameSync(original, place));
  copyFileSync(configuration, place);
  const home = folderOf('sogo', 'home');
  const args = ['-WONoDetach', 'YES', '-WOPidFile', join(home, 'pid'), '-WOLogFile', '-'];
  await start(lab, 'setpriv', [...as('sogo'), '/usr/sbin/sogod', ...args], port);
}

/** A FolderSync of a device that knows no folder yet (MS-ASCMD 2.2.1.8), in WBXML; the names of the folders it gets. */
async function syncFolders(username: string, password: string): Promise<{ said: string; folders: string[] }> {
  const device = lab.folder('device');
  const question = join(device, 'question.wbxml');
  writeFileSync(question, Buffer.from('03016a00000756520330000101', 'hex'));
  const answer = join(device, 'answer.wbxml');
  const query = `Cmd=FolderSync&User=${encodeURIComponent(username)}&DeviceId=device1&DeviceType=iPhone`;
  const { output } = await run('curl', [
    ...['-s', '--max-time', '25', '-u', `${username}:${password}`, '-D', '-', '-o', answer],
    ...['-H', 'Content-Type: application/vnd.ms-sync.wbxml', '-H', 'MS-ASProtocolVersion: 14.1'],
    ...['--data-binary', `@${question}`, `${origin}/Microsoft-Server-ActiveSync?${query}`],
  ]);
  const said = saidIn(output);
  if (said !== '200') return { said, folders: [] };
  const xml = await run('wbxml2xml', ['-l', 'ACTIVESYNC', '-o', '-', answer]);
  return { said, folders: [...xml.output.matchAll(/<DisplayName>([^<]*)/g)].map(([, name = '']) => name) };
}

const identity = ['x-remote-user', 'x-webobjects-remote-user'];

const protocols = [
  // SOGo signs in to the IMAP server with the device's own password.
  { over: 'ActiveSync', path: '/Microsoft-Server-ActiveSync', handsPassword: true },
  { over: 'DAV', path: '/SOGo/dav/alice', handsPassword: false },
];
const place = (path: string) => ({ lab: () => lab, address: () => recorded + path, behind: () => behind });

describe.each(protocols)('In front of SOGo, over $over, nginx', ({ path, handsPassword }) => {
  guardsIdentity({ ...place(path), identity, handsPassword });
});

behavesAsGateway({
  name: 'sogo',
  version: versionOf('sogo-activesync'),
  lab: () => lab,
  signIn: async (username, password) =>
    (await http(username, password, `${origin}/Microsoft-Server-ActiveSync`, ['-X', 'OPTIONS'])).said,
  welcome: '200',
  refusal: '401 with the challenge',
  later: '503 with Retry-After',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  origin: { protocol: 'eas', clientAddress: '127.0.0.1' },
});

test('SOGo’s ActiveSync answers with folders of mail and calendar for the right app password, and with none for others', async () => {
  const { said, folders } = await syncFolders(lab.username, lab.secrets.first);
  expect(said).toBe('200');
  expect(folders).toEqual(expect.arrayContaining(['INBOX', 'Personal Calendar']));
  for (const password of ['aaaa-bbbb-cccc-dddd-eeee', lab.secrets.gone, lab.accountPassword])
    expect(await syncFolders(lab.username, password)).toEqual({
      said: '401 with the challenge',
      folders: [],
    });
});

for (const { over, path } of protocols) servesDevices({ over, ...place(path) });
