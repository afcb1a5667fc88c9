import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { root } from '../../local/stack-file.ts';
import { behavesAsGateway, pasted, unusual, versionOf } from './behaviour.ts';
import { type Lab, startLab } from './lab.ts';
import { installPamService } from './pam-service.ts';
import { run, start } from './program.ts';

/** Where slapd looks, whatever its own configuration says. */
const saslFile = '/etc/ldap/sasl2/slapd.conf';

let lab: Lab;
let address: string;

beforeAll(async () => {
  lab = await startLab('slapd', 'ldap', 'typed');
  installPamService(lab, 'ldap', 'ldap');
  const folder = lab.folder('slapd');
  await startSaslauthd(folder);
  const port = await freePort(0);
  address = `ldap://127.0.0.1:${port}`;
  await startSlapd(folder, port);
}, 120_000);

afterAll(() => lab.close());

async function startSaslauthd(folder: string): Promise<void> {
  const shipped = readFileSync(join(root, 'gateways/slapd/saslauthd'), 'utf8');
  const { mechanisms, options } =
    /MECHANISMS="(?<mechanisms>.*)"\nOPTIONS="(?<options>.*)"/.exec(shipped)?.groups ?? {};
  if (mechanisms === undefined || options === undefined)
    throw new Error('the shipped file has other settings');
  const args = options.replace('/var/run/saslauthd', folder).split(' ');
  await start(lab, 'saslauthd', ['-d', '-n', '1', '-a', mechanisms, ...args], join(folder, 'mux'));
}

async function startSlapd(folder: string, port: number): Promise<void> {
  if (existsSync(saslFile)) throw new Error(`${saslFile} is somebody's.`);
  mkdirSync('/etc/ldap/sasl2', { recursive: true });
  renameSync(lab.fill('sasl2-slapd.conf', { '/var/run/saslauthd': folder }), saslFile);
  lab.atEnd(() => rmSync(saslFile));
  const configuration = join(folder, 'slapd.conf');
  const entries = join(folder, 'people.ldif');
  writeFileSync(
    configuration,
    `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=example,dc=com"
directory ${lab.folder('slapd/data')}
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`,
  );
  writeFileSync(
    entries,
    `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: example

${['alice@example.com', ...unusual, ...pasted].map(entryOf).join('\n')}`,
  );
  const { code, output } = await run('slapadd', ['-q', '-f', configuration, '-l', entries]);
  if (code !== 0) throw new Error(output);
  await start(lab, 'slapd', ['-d', '0', '-f', configuration, '-h', address], port);
}

/** An attribute of a distinguished name (RFC 4514 section 2.4); of letters alone for a name that no address can be. */
const named = (username: string) =>
  pasted.includes(username)
    ? `cn=${Buffer.from(username).toString('hex')},dc=example,dc=com`
    : `mail=${username.replace(/[^\w@.-]/g, (c) => `\\${Buffer.from(c).toString('hex')}`)},dc=example,dc=com`;

function entryOf(username: string): string {
  const [attribute = '', value = ''] = named(username).split(/[=,]/);
  return `dn: ${named(username)}
objectClass: inetOrgPerson
cn: Alice
sn: Alice
${attribute}: ${attribute === 'mail' ? username : value}
userPassword:: ${Buffer.from(`{SASL}${username}`).toString('base64')}
`;
}

behavesAsGateway({
  name: 'slapd',
  version: versionOf('slapd'),
  lab: () => lab,
  signIn: async (username, password) => {
    const args = ['-x', '-H', address, '-D', named(username), '-w', password];
    const { output } = await run('ldapwhoami', args);
    return output.startsWith('dn:') ? 'welcome' : output.trim();
  },
  welcome: 'welcome',
  refusal: 'ldap_bind: Invalid credentials (49)',
  later: 'ldap_bind: Invalid credentials (49)',
  names: ['alice@example.com', 'ALICE@Example.com'],
  pasted: 'refusal',
  origin: { protocol: 'ldap', clientAddress: null },
});
