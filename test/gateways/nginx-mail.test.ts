import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { root } from '../../local/stack-file.ts';
import { startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { type Program, run, start } from './program.ts';

type Protocol = 'imap' | 'pop3' | 'smtp';
type Ports = Record<Protocol, number>;

let lab: Lab;
let nginx: Program;
let dovecot: Program;
let smtp: Server;
let behind: Ports;
let ports: Ports;

beforeAll(async () => {
  lab = await startLab('nginx-mail', 'imap,pop3,smtp');
  behind = { imap: await freePort(0), pop3: await freePort(0), smtp: await freePort(0) };
  dovecot = await startMailServer();
  smtp = startMailTaker(behind.smtp);
  [nginx, ports] = await startNginx('nginx');
}, 120_000);

afterAll(async () => {
  await nginx.stop();
  await dovecot.stop();
  smtp.close();
  await lab.close();
});

/** The mail server behind: it believes nginx, and lets everybody in. */
function startMailServer(): Promise<Program> {
  const { imap, pop3 } = behind;
  return startDovecot(lab, 'dovecot', { imap, pop3 }, [
    'passdb {\n  driver = static\n  args = nopassword=y\n}',
  ]);
}

/** Takes mail by SMTP (RFC 5321), and keeps none. */
function startMailTaker(port: number): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('220 behind\r\n');
    let isData = false;
    createInterface({ input: socket }).on('line', (line) => {
      if (isData) {
        isData = line !== '.';
        if (!isData) socket.write('250 taken\r\n');
        return;
      }
      isData = /^data/i.test(line);
      socket.write(isData ? '354 go on\r\n' : /^quit/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
    });
  }).listen(port, '127.0.0.1');
}

async function startNginx(name: string, more: Record<string, string> = {}): Promise<[Program, Ports]> {
  const folder = lab.folder(name);
  const [imap, pop3, smtp, auth] = [
    await freePort(0),
    await freePort(0),
    await freePort(0),
    await freePort(0),
  ];
  const httpFile = lab.fill('http.conf', {
    '/etc/nginx/app-passwords/': folder,
    'imap 143': `imap ${behind.imap}`,
    'pop3 110': `pop3 ${behind.pop3}`,
    'smtp 25': `smtp ${behind.smtp}`,
    '127.0.0.1:10088': `127.0.0.1:${auth}`,
    ...more,
  });
  const mailFile = lab.fill('mail.conf', {
    '127.0.0.1:10088': `127.0.0.1:${auth}`,
    '127.0.0.1:1143': `127.0.0.1:${imap}`,
    '127.0.0.1:1110': `127.0.0.1:${pop3}`,
    '127.0.0.1:1587': `127.0.0.1:${smtp}`,
  });
  copyFileSync(join(root, 'gateways/nginx-mail/app-password.js'), join(folder, 'app-password.js'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `load_module /usr/lib/nginx/modules/ngx_mail_module.so;
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off; user root; pid ${folder}/pid; error_log stderr info;
events {}
http {
  ${temporary.join('\n  ')}
  include ${httpFile};
}
include ${mailFile};
`,
  );
  return [await start('nginx', ['-c', configuration, '-p', folder], imap), { imap, pop3, smtp }];
}

/** One sign-in by curl, with what follows it; what the server said. */
async function signIn(protocol: Protocol, username: string, password: string, at = ports): Promise<string> {
  const address = `${protocol}://127.0.0.1:${at[protocol]}/`;
  const rest = {
    imap: ['-X', 'STATUS INBOX (MESSAGES)'],
    pop3: [],
    smtp: ['--mail-from', 'alice@example.com', '--mail-rcpt', 'bob@example.com', '-T', '-'],
  }[protocol];
  const args = ['-sv', '--max-time', '20', '--login-options', 'AUTH=PLAIN', '-u', `${username}:${password}`];
  const { output } = await run('curl', [...args, address, ...rest], {
    input: 'Subject: test\r\n\r\ntest\r\n',
  });
  return output
    .split('\n')
    .filter((line) => line.startsWith('< '))
    .join('\n');
}

/** What each protocol says to a right pair, to a wrong one, and while nobody can tell. */
const words = {
  imap: [/STATUS INBOX/, /NO Invalid username or app password/, /NO \[UNAVAILABLE\]/],
  pop3: [/\+OK Logged in/, /-ERR Invalid username or app password/, /-ERR \[UNAVAILABLE\]/],
  smtp: [/235 2[\s\S]*250 taken/, /535 5\.7\.8/, /454 4\.7\.0/],
} as const;

describe.each(['imap', 'pop3', 'smtp'] as const)('nginx as a mail proxy, over %s,', (protocol) => {
  const [welcome, refusal, later] = words[protocol];

  test('lets the right app password in, however the name is typed', async () => {
    const { username, secrets } = lab;
    for (const typed of [username, 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'])
      expect(await signIn(protocol, typed, secrets.first)).toMatch(welcome);
    for (const password of [secrets.second, secrets.first, secrets.first.replaceAll('-', ' ')])
      expect(await signIn(protocol, username, password)).toMatch(welcome);
  });

  test('refuses a wrong, a deleted and the account’s own password', async () => {
    for (const password of ['aaaa-bbbb-cccc-dddd-eeee', lab.secrets.gone, lab.accountPassword])
      expect(await signIn(protocol, lab.username, password)).toMatch(refusal);
  });

  test('refuses a password from the very next sign-in after it was deleted', async () => {
    const { id, password } = await lab.create();
    expect(await signIn(protocol, lab.username, password)).toMatch(welcome);
    await lab.remove(id);
    expect(await signIn(protocol, lab.username, password)).toMatch(refusal);
  });

  test('says that it is unavailable while storage is away, and is right again by itself', async () => {
    lab.storage('away');
    const answer = await signIn(protocol, lab.username, lab.secrets.first);
    lab.storage('pass');
    expect(answer).toMatch(later);
    await vi.waitFor(async () =>
      expect(await signIn(protocol, lab.username, lab.secrets.first)).toMatch(welcome),
    );
  });

  test('tells the service protocol and address', async () => {
    await signIn(protocol, lab.username, lab.secrets.first);
    await vi.waitFor(() =>
      expect(lab.lastAccepted()).toMatchObject({
        gateway: 'nginx-mail',
        protocol,
        clientAddress: '127.0.0.1',
      }),
    );
  });
});

test('nginx as a mail proxy says that it is unavailable, and not that the password is wrong, when its own key is not known', async () => {
  const [other, at] = await startNginx('unknown', { 'x-gateway-key "': 'x-gateway-key "no-' });
  for (const protocol of ['imap', 'pop3', 'smtp'] as const)
    expect(await signIn(protocol, lab.username, lab.secrets.first, at)).toMatch(words[protocol][2]);
  await other.stop();
});
