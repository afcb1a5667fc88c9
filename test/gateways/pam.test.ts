import { afterAll, beforeAll } from 'vitest';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { type Lab, startLab } from './lab.ts';
import { installPamService } from './pam-service.ts';
import { run } from './program.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab('pam', 'imap,smtp', 'typed');
  installPamService(lab, 'app-passwords-test', 'imap');
}, 120_000);

afterAll(() => lab.close());

behavesAsGateway({
  name: 'pam',
  version: versionOf('libpam-modules'),
  lab: () => lab,
  signIn: async (username, password) => {
    const args = ['-I', 'rhost=192.0.2.1', 'app-passwords-test', username, 'authenticate', 'acct_mgmt'];
    const { output } = await run('pamtester', args, { input: `${password}\n` });
    return /pamtester: (.*)/.exec(output)?.[1] ?? output;
  },
  welcome: 'successfully authenticated',
  refusal: 'Authentication failure',
  later: 'Authentication failure',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  pasted: 'refusal',
  origin: { protocol: 'imap', clientAddress: '192.0.2.1' },
});
