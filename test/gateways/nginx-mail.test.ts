import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { root } from '../../local/stack-file.ts';
import { behavesAsGateway, longest, versionOf } from './behaviour.ts';
import { imap, imapIdle, pop3, pop3User, smtp } from './clients.ts';
import { deliver, startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginx } from './nginx-server.ts';
import { startPostfix } from './postfix-server.ts';
import { run } from './program.ts';
import { tiesSenders } from './senders.ts';

type Ports = Record<'imap' | 'pop3' | 'smtp', number>;

let lab: Lab;
let behind: Ports;
let ports: Ports;
/** Where nginx asks itself. */
let inner: string;
let idle: Promise<string[]>;

beforeAll(async () => {
  lab = await startLab('nginx-mail', 'imap,pop3,smtp');
  behind = { imap: await freePort(0), pop3: await freePort(0), smtp: await startSubmission() };
  await startMailServer();
  ports = await startProxy();
  idle = imapIdle(lab.username, lab.secrets.first, ports.imap, 90, () =>
    deliver(lab, 'dovecot', lab.username),
  );
}, 120_000);

afterAll(() => lab.close());

/** The mail server behind: it believes nginx, and lets everybody in. */
function startMailServer(): Promise<void> {
  const { imap, pop3 } = behind;
  return startDovecot(lab, 'dovecot', { imap, pop3 }, [
    'passdb {\n  driver = static\n  args = nopassword=y\n}',
    'auth_username_chars =',
  ]);
}

/** The Postfix behind, which believes what nginx says by XCLIENT. */
function startSubmission(): Promise<number> {
  const senders = lab.fill('../postfix/senders', { '# /^info': '/^info' });
  const master = lab.fill('master.cf', { '/etc/postfix/app-password-senders': senders });
  const size = 'message_size_limit = 50000000';
  return startPostfix(lab, size, readFileSync(master, 'utf8'), lab.folder('postfix/queue'));
}

async function startProxy(): Promise<Ports> {
  const folder = lab.folder('nginx');
  const [imap, pop3, smtp, auth] = [
    await freePort(0),
    await freePort(0),
    await freePort(0),
    await freePort(0),
  ];
  inner = `127.0.0.1:${auth}`;
  const httpFile = lab.fill('http.conf', {
    '/etc/nginx/app-passwords/': folder,
    'imap 143': `imap ${behind.imap}`,
    'pop3 110': `pop3 ${behind.pop3}`,
    'smtp 10025': `smtp ${behind.smtp}`,
    '127.0.0.1:1001': inner,
  });
  const mailFile = lab.fill('mail.conf', {
    '127.0.0.1:1001': inner,
    '127.0.0.1:1143': `127.0.0.1:${imap}`,
    '127.0.0.1:1110': `127.0.0.1:${pop3}`,
    '127.0.0.1:1587': `127.0.0.1:${smtp}`,
  });
  copyFileSync(join(root, 'gateways/nginx-mail/app-password.js'), join(folder, 'app-password.js'));
  const modules = ['ngx_mail', 'ngx_http_js'].map(
    (name) => `load_module /usr/lib/nginx/modules/${name}_module.so;`,
  );
  await startNginx(lab, httpFile, imap, [...modules, `include ${mailFile};`]);
  return { imap, pop3, smtp };
}

const refusal = 'Invalid username or app password';
const later = '[UNAVAILABLE] Temporary authentication failure';

describe.each([
  {
    over: 'IMAP',
    protocol: 'imap',
    client: imap,
    welcome: 'OK',
    refusal: `NO ${refusal}`,
    later: `NO ${later}`,
  },
  {
    over: 'POP3',
    protocol: 'pop3',
    client: pop3,
    welcome: '+OK',
    refusal: `-ERR ${refusal}`,
    later: `-ERR ${later}`,
  },
  {
    over: 'SMTP',
    protocol: 'smtp',
    client: smtp,
    welcome: '250',
    refusal: `535 5.7.8 ${refusal}`,
    later: `454 4.7.0 ${later}`,
  },
] as const)('nginx as a proxy of mail', ({ protocol, client, ...words }) => {
  behavesAsGateway({
    name: 'nginx-mail',
    version: versionOf('libnginx-mod-mail'),
    lab: () => lab,
    signIn: (username, password) => client(username, password, ports[protocol]),
    names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
    pasted: 'welcome',
    ...(protocol === 'pop3' && { cannot: [longest] }),
    origin: { protocol, clientAddress: '127.0.0.1' },
    ...words,
  });
});

tiesSenders(
  () => lab,
  () => ports.smtp,
  'info@example.com',
);

test('takes a long name over POP3 by USER and PASS, as a line of AUTH PLAIN would be too long for nginx', async () => {
  await lab.named(longest, async (username) => {
    const { first } = lab.secrets;
    expect(await pop3(username, first, ports.pop3)).toBe('-ERR invalid command');
    expect(await pop3User(username, first, ports.pop3)).toBe('+OK');
  });
});

test('a device behind nginx hears of a mail after an IDLE of 90 seconds', { timeout: 120_000 }, async () => {
  expect(await idle).toEqual([expect.stringContaining('EXISTS'), 'c OK']);
});

test('asks nothing for others on its host, who do not have its key', async () => {
  const { username, secrets } = lab;
  const pair = [`Auth-User: ${username}`, `Auth-Pass: ${secrets.first}`, 'Auth-Protocol: imap'];
  const { output } = await run('curl', [
    '-si',
    ...pair.flatMap((line) => ['-H', line]),
    `http://${inner}/auth`,
  ]);
  expect(output).toMatch(/^Auth-Status: \[UNAVAILABLE\]/m);
});

test('the Postfix behind takes no mail from who did not sign in, and forgets nobody by STARTTLS', async () => {
  const args = ['--server', `127.0.0.1:${behind.smtp}`, '--from', lab.username, '--to', 'bob@example.org'];
  expect((await run('swaks', args)).output).toMatch(/554 5\.7\.1/);
  expect((await run('swaks', [...args, '--quit-after', 'EHLO'])).output).not.toMatch(/STARTTLS/);
});
