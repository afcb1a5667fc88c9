import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { type Lab, startLab } from './lab.ts';
import { run, start } from './program.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await startLab('freeradius', 'radius');
  port = await freePort(0);
  const folder = lab.folder('raddb');
  writeFileSync(join(folder, 'dictionary'), '$INCLUDE /usr/share/freeradius/dictionary\n');
  writeFileSync(
    join(folder, 'radiusd.conf'),
    `libdir = /usr/lib/freeradius
run_dir = ${folder}
max_request_time = 30
client here {
  ipaddr = 127.0.0.1
  secret = testing
}
thread pool {
  start_servers = 2
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 2
}
modules {
  $INCLUDE /etc/freeradius/3.0/mods-available/always
  $INCLUDE ${lab.fill('app-password.module')}
}
policy {
  $INCLUDE ${lab.fill('app-password.policy')}
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    app_password_authorize
  }
  authenticate {
    Auth-Type app-password {
      app_password_authenticate
    }
  }
}
`,
  );
  await start(lab, 'freeradius', ['-f', '-l', 'stdout', '-d', folder], /Ready to process requests/);
}, 120_000);

afterAll(() => lab.close());

behavesAsGateway({
  name: 'freeradius',
  version: versionOf('freeradius'),
  lab: () => lab,
  signIn: async (username, password) => {
    const escaped = username.replaceAll('\\', '\\\\');
    const { output } = await run(
      'radclient',
      ['-t', '6', '-r', '1', '-x', `127.0.0.1:${port}`, 'auth', 'testing'],
      {
        input: `User-Name = "${escaped}", User-Password = "${password}"\n`,
      },
    );
    return /Access-\w+|No reply from server/.exec(output.replaceAll('Access-Request', ''))?.[0] ?? output;
  },
  welcome: 'Access-Accept',
  refusal: 'Access-Reject',
  later: 'No reply from server',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  origin: { protocol: 'radius', clientAddress: '127.0.0.1' },
});
