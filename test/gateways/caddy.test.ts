import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { protectsHttp, versionOf } from './behaviour.ts';
import { type Lab, startLab } from './lab.ts';
import { start } from './program.ts';
import { type Protected, startProtected, startRadicale } from './protected.ts';

let lab: Lab;
let address: string;
let behind: Protected;
let radicale: string;

beforeAll(async () => {
  lab = await startLab('caddy', 'eas,dav');
  radicale = await startRadicale(lab);
  behind = await startProtected(lab, radicale);
  const port = await freePort(0);
  address = `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`;
  const file = join(lab.folder('caddy'), 'Caddyfile');
  writeFileSync(
    file,
    `{
	admin off
}
import ${lab.fill('app-password.caddy')}
http://127.0.0.1:${port} {
	import app_password eas
	reverse_proxy ${behind.host}
}
`,
  );
  await start(lab, 'caddy', ['run', '--config', file, '--adapter', 'caddyfile'], port);
}, 120_000);

afterAll(() => lab.close());

protectsHttp({
  name: 'caddy',
  version: versionOf('caddy'),
  lab: () => lab,
  address: () => address,
  behind: () => behind,
  radicale: () => radicale,
  pasted: 'welcome',
  hung: '504',
});
