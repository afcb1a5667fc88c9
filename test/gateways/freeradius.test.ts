import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { behavesAsGateway, versionOf } from './behaviour.ts';
import { type Lab, startLab } from './lab.ts';
import { run, start } from './program.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await startLab('freeradius', 'radius', 'typed');
  port = await startFreeradius('raddb', {
    modules: `$INCLUDE ${lab.fill('app-password.module')}`,
    policy: `$INCLUDE ${lab.fill('app-password.policy')}`,
    authorize: 'app_password_authorize',
    authenticate: 'Auth-Type app-password {\n      app_password_authenticate\n    }',
  });
}, 120_000);

afterAll(() => lab.close());

/** FreeRADIUS with one site; the port where it listens. */
async function startFreeradius(
  name: string,
  parts: Readonly<Record<'modules' | 'policy' | 'authorize' | 'authenticate', string>>,
): Promise<number> {
  const folder = lab.folder(name);
  const port = await freePort(0);
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
  ${parts.modules}
}
policy {
  ${parts.policy}
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    ${parts.authorize}
  }
  authenticate {
    ${parts.authenticate}
  }
}
`,
  );
  await start(lab, 'freeradius', ['-f', '-l', 'stdout', '-d', folder], /Ready to process requests/);
  return port;
}

/** A sign-in by PAP; what FreeRADIUS answers. */
async function signIn(username: string, password: string, port: number): Promise<string> {
  const escaped = username.replaceAll('\\', '\\\\');
  const { output } = await run(
    'radclient',
    ['-t', '6', '-r', '1', '-x', `127.0.0.1:${port}`, 'auth', 'testing'],
    {
      input: `User-Name = "${escaped}", User-Password = "${password}"\n`,
    },
  );
  return /Access-\w+|No reply from server/.exec(output.replaceAll('Access-Request', ''))?.[0] ?? output;
}

behavesAsGateway({
  name: 'freeradius',
  version: versionOf('freeradius'),
  lab: () => lab,
  signIn: (username, password) => signIn(username, password, port),
  welcome: 'Access-Accept',
  refusal: 'Access-Reject',
  later: 'No reply from server',
  names: ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'],
  pasted: 'refusal',
  origin: { protocol: 'radius', clientAddress: '127.0.0.1' },
});

describe('rlm_rest as people find it documented, without the policy', () => {
  let port: number;

  beforeAll(async () => {
    const module = lab.fill('app-password.module', {
      // What is answered is read, by its content type.
      "        # What is answered is never read as attributes.\n        force_to = 'plain'\n": '',
    });
    port = await startFreeradius('stock', {
      modules: `$INCLUDE ${module}`,
      policy: '',
      authorize: `update control {
      Auth-Type := rest
      REST-HTTP-Header := "x-gateway-key: ${lab.key}"
    }`,
      // Silence tells a failure from a refusal.
      authenticate: `Auth-Type rest {
      app_password {
        fail = 1
      }
      if (fail) {
        update control {
          Response-Packet-Type := Do-Not-Respond
        }
        handled
      }
    }`,
    });
  });

  test('hears yes as yes, and a refusal as a refusal', async () => {
    const { username, secrets } = lab;
    expect(await signIn(username, secrets.first, port)).toBe('Access-Accept');
    for (const password of ['aaaa-bbbb-cccc-dddd-eeee', secrets.gone, 'x'])
      expect(await signIn(username, password, port)).toBe('Access-Reject');
  });

  test('hears a fault as a fault', async () => {
    const { username, secrets, storage } = lab;
    storage('away');
    const heard = await signIn(username, secrets.first, port).finally(() => storage('pass'));
    expect(heard).toBe('No reply from server');
  });
});
