import { afterAll, beforeAll, describe } from 'vitest';
import { behavesAsGateway, resistsAdditions, versionOf } from './behaviour.ts';
import { http } from './clients.ts';
import { type Lab, startLab } from './lab.ts';
import { startNginxHttp } from './nginx-server.ts';
import { startProtected } from './protected.ts';

let lab: Lab;
let address: string;

beforeAll(async () => {
  lab = await startLab('nginx-http', 'eas,dav');
  const behind = await startProtected(lab);
  const origin = await startNginxHttp(lab, 'activesync.conf', { '127.0.0.1:20000': behind });
  address = `${origin}/Microsoft-Server-ActiveSync`;
}, 120_000);

afterAll(() => lab.close());

behavesAsGateway({
  name: 'nginx-http',
  version: versionOf('nginx'),
  lab: () => lab,
  signIn: async (username, password) => (await http(username, password, address)).said,
  welcome: '200',
  refusal: '401 with the challenge',
  later: '503 with Retry-After',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  origin: { protocol: 'eas', clientAddress: '127.0.0.1' },
});

describe('nginx in front of ActiveSync', () => {
  resistsAdditions(
    () => lab,
    () => address,
  );
});
