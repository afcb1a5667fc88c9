import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { DOMParser, type Element } from '@xmldom/xmldom';
import * as plist from 'plist';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import type { HostProcess } from '../../local/host-process.ts';
import { thunderbirdCodes } from '../../portal/devices/thunderbird.ts';
import type { PortalSettings } from '../../shared/settings/portal-settings.ts';
import { read } from '../../testing/files.ts';
import { asksService, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginx } from './nginx-server.ts';
import { startPostfix } from './postfix-server.ts';
import { run } from './program.ts';

/** Where and as whom a device signs in, as it reads it from a file. */
interface Server {
  readonly host: unknown;
  readonly port: unknown;
  readonly username: string;
}

let lab: Lab;
let host: HostProcess;
let authorities: string;
/** What the service said about devices. */
const answers: string[] = [];

beforeAll(async () => {
  lab = await startLab('postfix', 'imap,smtp');
  const queue = lab.folder('postfix/queue');
  mkdirSync(join(queue, 'private'), { mode: 0o700 });
  execFileSync('chown', ['postfix', join(queue, 'private')]);
  const imap = await freePort(0);
  const listener = lab.fill('10-postfix.conf', {
    '/var/spool/postfix/private/auth': join(queue, 'private/auth'),
  });
  await startDovecot(lab, 'devices', { imap }, [asksService(lab), `!include ${listener}`]);
  const senders = lab.fill('senders', { '# /^info': '/^info' });
  const main = readFileSync(lab.fill('main.cf', { '/etc/postfix/app-password-senders': senders }), 'utf8');
  const smtp = await startPostfix(
    lab,
    main.replace('smtpd_tls_auth_only = yes', 'smtpd_tls_auth_only = no'),
    readFileSync(lab.fill('master.cf'), 'utf8'),
    queue,
  );
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  authorities = join(lab.folder('devices'), 'authorities.pem');
  writeFileSync(authorities, pems.cert);
  const [imaps, submissions] = [await startTls(imap, pems), await startTls(smtp, pems)];
  host = await lab.service.anotherHost({
    PORTAL_MAIL_SERVERS: `IMAP=localhost:${imaps}/tls,SMTP=localhost:${submissions}/tls`,
  });
}, 120_000);

afterAll(() => lab.close());

/** TLS before a server that has none on the loopback address of a test. */
async function startTls(target: number, { private: key, cert }: { private: string; cert: string }) {
  const server = createServer({ key, cert }, (socket) => {
    const onwards = connect(target, '127.0.0.1');
    for (const end of [socket, onwards]) end.on('error', () => [socket, onwards].map((it) => it.destroy()));
    socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lab.atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What the service says at a path, to a program that tells it more than it asks for. */
async function ask(path: string): Promise<string> {
  const query = new URLSearchParams({ emailaddress: lab.username, password: lab.secrets.first });
  const answer = await fetch(`${host.origin}${path}?${query}`);
  expect(answer.status).toBe(200);
  const body = await answer.text();
  answers.push(JSON.stringify([...answer.headers]), body);
  return body;
}

/** nginx as the documentation has it for the host `autoconfig`, and what it writes down. */
async function startAutoconfigHost() {
  const [, documented = ''] =
    /```nginx\n(log_format without_query.*?)```/s.exec(read('docs/deployment.md')) ?? [];
  const port = await freePort(0);
  const folder = lab.folder('autoconfig');
  const own = await generate([{ name: 'commonName', value: 'localhost' }]);
  writeFileSync(join(folder, 'privkey.pem'), own.private);
  writeFileSync(join(folder, 'fullchain.pem'), own.cert);
  const filled = documented
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replaceAll('/etc/letsencrypt/live/autoconfig.example.com', folder)
    .replaceAll('/var/log/nginx', folder)
    .replace('/etc/ssl/certs/ca-certificates.crt', join(folder, '../authorities.pem'))
    .replace('https://app-passwords.example.com', lab.origin);
  const server = join(folder, 'server.conf');
  writeFileSync(server, filled);
  await startNginx(lab, server, port);
  const log = () =>
    globSync('*.log', { cwd: folder }).map((file) => readFileSync(join(folder, file), 'utf8'));
  return { address: `https://localhost:${port}/mail/config-v1.1.xml`, log };
}

async function fromProfile(): Promise<Server[]> {
  const profile = plist.parse(await ask('/mail.mobileconfig')) as {
    PayloadContent: Record<string, unknown>[];
  };
  const [mail = {}] = profile.PayloadContent;
  expect(Object.keys(mail).filter((key) => /(Username|Password|EmailAddress)$/.test(key))).toEqual([
    'OutgoingPasswordSameAsIncomingPassword',
  ]);
  return ['Incoming', 'Outgoing'].map((direction) => {
    expect(mail[`${direction}MailServerUseSSL`]).toBe(true);
    return {
      host: mail[`${direction}MailServerHostName`],
      port: mail[`${direction}MailServerPortNumber`],
      // The device asks.
      username: lab.username,
    };
  });
}

async function fromAutoconfig(): Promise<Server[]> {
  const document = new DOMParser().parseFromString(await ask('/mail/config-v1.1.xml'), 'text/xml');
  const text = (server: Element, name: string) => server.getElementsByTagName(name)[0]?.textContent ?? '';
  return ['incomingServer', 'outgoingServer'].map((name) => {
    const [server] = [...document.getElementsByTagName(name)];
    if (server === undefined) throw new Error(name);
    expect(text(server, 'socketType')).toBe('SSL');
    return {
      host: text(server, 'hostname'),
      port: Number(text(server, 'port')),
      username: text(server, 'username').replace('%EMAILADDRESS%', lab.username),
    };
  });
}

async function fromThunderbirdsCode(): Promise<Server[]> {
  const { mailServers }: PortalSettings = JSON.parse(await ask('/settings.json'));
  const [code = ''] = thunderbirdCodes(mailServers, lab.username);
  answers.push(code);
  const [, , incoming, [[outgoing]]] = JSON.parse(code);
  return [incoming, outgoing].map(([, host, port, security, , username]) => {
    expect(security).toBe(3);
    return { host, port, username };
  });
}

describe.each([
  ['profile for Apple’s devices', fromProfile],
  ['settings for mail programs', fromAutoconfig],
  ['code for Thunderbird for Android', fromThunderbirdsCode],
])('With the %s and the app password typed, a device', (_what, settings) => {
  test('signs in to Dovecot', async () => {
    const [incoming] = await settings();
    expect(await opensInbox(incoming, lab.secrets.first)).toBe('yes');
    expect(await opensInbox(incoming, lab.secrets.gone)).toBe('refused');
  });

  test('submits mail to Postfix', async () => {
    const [, outgoing] = await settings();
    expect(await submits(outgoing, lab.secrets.first)).toBe('yes');
    expect(await submits(outgoing, lab.secrets.gone)).toBe('refused');
  });
});

test('No answer and no log has the password, nor the address that a program sent along', () => {
  expect(answers.length).toBeGreaterThanOrEqual(14);
  for (const text of [...answers, host.output(), lab.service.host.output()]) {
    expect(text).not.toContain(lab.secrets.first);
    expect(text).not.toContain(lab.secrets.first.replaceAll('-', ''));
  }
  expect(host.output()).not.toMatch(/emailaddress|alice(@|%40)/);
});

test('The host autoconfig of the documentation answers, and neither sends the address on nor writes it down', async () => {
  const { address, log } = await startAutoconfigHost();
  const ask = (query: string) => run('curl', ['-sk', `${address}${query}`]);
  const { output } = await ask(`?emailaddress=${lab.username}`);
  expect(output).toContain('<clientConfig version="1.2">');
  expect(output).toBe((await ask('')).output);
  lab.answers('hang');
  await run('curl', ['-sk', '--max-time', '1', `${address}?emailaddress=${lab.username}`]);
  lab.answers('pass');
  await vi.waitFor(() => expect(log().join('')).toContain('"GET /mail/config-v1.1.xml" 499'));
  expect(log().join('')).not.toMatch(/emailaddress|alice/);
});

/** Whether the server lets somebody look at the inbox; by curl, as a device does it. */
function opensInbox(server: Server | undefined, password: string): Promise<'yes' | 'refused'> {
  return curl('imaps', server, password, ['-X', 'STATUS INBOX (MESSAGES)']);
}

/** Whether the server takes a mail from somebody. */
function submits(server: Server | undefined, password: string): Promise<'yes' | 'refused'> {
  const letter = join(lab.folder('devices'), 'letter');
  writeFileSync(letter, 'Subject: News\r\n\r\nNews\r\n');
  const from = ['--mail-from', lab.username, '--mail-rcpt', 'bob@example.net', '-T', letter];
  return curl('smtps', server, password, from);
}

/** What curl says by its exit code: 67 is a sign-in that was refused. */
async function curl(scheme: string, server: Server | undefined, password: string, args: readonly string[]) {
  const address = `${scheme}://${server?.host}:${server?.port}/`;
  const login = ['--cacert', authorities, '-u', `${server?.username}:${password}`];
  const { code, output } = await run('curl', ['-sS', '--max-time', '25', ...login, address, ...args]);
  if (code !== 0 && code !== 67) throw new Error(output);
  return code === 0 ? 'yes' : 'refused';
}
