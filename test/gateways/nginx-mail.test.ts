import { copyFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { root } from '../../local/stack-file.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { imap, pop3, smtp } from './clients.ts';
import { startDovecot } from './dovecot-server.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginx } from './nginx-server.ts';

type Ports = Record<'imap' | 'pop3' | 'smtp', number>;

let lab: Lab;
let behind: Ports;
let ports: Ports;

beforeAll(async () => {
  lab = await startLab('nginx-mail', 'imap,pop3,smtp');
  behind = { imap: await freePort(0), pop3: await freePort(0), smtp: await freePort(0) };
  await startMailServer();
  startMailTaker(behind.smtp);
  ports = await startProxy();
}, 120_000);

afterAll(() => lab.close());

/** The mail server behind: it believes nginx, and lets everybody in. */
function startMailServer(): Promise<void> {
  const { imap, pop3 } = behind;
  return startDovecot(lab, 'dovecot', { imap, pop3 }, [
    'passdb {\n  driver = static\n  args = nopassword=y\n}',
  ]);
}

/** Takes mail by SMTP (RFC 5321), and keeps none. */
function startMailTaker(port: number): void {
  const server = createServer((socket) => {
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
  lab.atEnd(() => server.close());
}

async function startProxy(): Promise<Ports> {
  const folder = lab.folder('nginx');
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
  });
  const mailFile = lab.fill('mail.conf', {
    '127.0.0.1:10088': `127.0.0.1:${auth}`,
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
    origin: { protocol, clientAddress: '127.0.0.1' },
    ...words,
  });
});
