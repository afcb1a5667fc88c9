import { posix } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkAppSettings } from '../../operator/app-settings.ts';
import { outputOf } from '../../operator/capacity/command.ts';
import { commandLine } from '../../operator/entra/command-line.ts';
import { readDeploymentSettings } from '../../shared/settings/settings.ts';
import { openTerminal, type Terminal } from '../../testing/az.ts';
import { anchorOf, read } from '../../testing/files.ts';

const text = read('docs/deployment.md');
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end)] as const;
    }),
);

/** The lines of a section that are for a shell. */
function shellOf(title: string): string[] {
  return [...(sections.get(title) ?? '').matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(
    ([, block = '']) => block,
  );
}

/** The command lines of a section. */
const linesOf = (title: string) =>
  shellOf(title).flatMap((block) =>
    block
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  );

describe('Before the first command', () => {
  const before = sections.get('Before') ?? '';

  test('the page names the policy, its licence and its role, and what a pipeline of hooks takes on Windows', () => {
    expect(before).toContain('Conditional Access policy');
    expect(before).toContain('Microsoft Entra ID P1');
    expect(before).toContain('Conditional Access Administrator');
    const { hooks } = parse(read('azure.yaml')) as { hooks: Record<string, { run: string }> };
    // azd writes a command line into a script of PowerShell, which only version 7 runs as Windows comes.
    expect(Object.values(hooks).every(({ run }) => run.includes(' '))).toBe(true);
    expect(before).toContain('PowerShell 7');
  });

  test('the page has the price of each size', () => {
    expect(before).toContain(outputOf(['sizes']));
  });
});

describe('Deploy', () => {
  const deploy = sections.get('Deploy') ?? '';

  test('takes three commands with the check that it works, and three answers', () => {
    const commands = ['Deploy', 'Check that it works'].flatMap(linesOf);
    expect(commands).toEqual([
      'azd auth login',
      'azd up',
      'npm run gateway:check -- --url https://ADDRESS --user USERNAME',
    ]);
    const [, table = ''] = /^\| question \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(deploy) ?? [];
    expect(table.trim().split('\n')).toHaveLength(3);
  });

  test('leads nowhere else before it is done', () => {
    expect(deploy).not.toMatch(/https?:/);
  });

  test('says the limit of a name as the program has it', () => {
    expect(deploy).toContain('at most 40 letters');
    const said = { AZURE_ENV_NAME: 'a'.repeat(40) };
    expect(readDeploymentSettings(said).AZURE_ENV_NAME).toHaveLength(40);
    expect(() => readDeploymentSettings({ AZURE_ENV_NAME: 'a'.repeat(41) })).toThrow('at most 40 letters');
    expect(read('infra/main.bicep')).toContain('@maxLength(40)\nparam environmentName');
  });
});

describe('Deploy by two people', () => {
  const tenant = '00000000-0000-4000-8000-0000000000e1';

  test('has the commands of the administrator as the deployment says them, in their order', () => {
    const first = { AZURE_ENV_NAME: 'prod', AZURE_TENANT_ID: tenant };
    const then = {
      ...first,
      PORTAL_URL: 'https://passwords.example.com',
      APP_PRINCIPAL_ID: '00000000-0000-4000-8000-0000000000d1',
    };
    const written = (line: string) =>
      line
        .replace(tenant, 'TENANT')
        .replace('https://passwords.example.com', 'https://…')
        .replace(then.APP_PRINCIPAL_ID, '…');
    expect(linesOf('Deploy by two people')).toEqual([
      'npm ci',
      'az login --allow-no-subscriptions --tenant TENANT',
      ...[first, then].map((it) => written(commandLine(readDeploymentSettings(it), 'apply'))),
    ]);
  });
});

test('the policy is made, and then enforced, by the commands that the program says', () => {
  const settings = readDeploymentSettings({ AZURE_ENV_NAME: 'prod' });
  expect(linesOf('The policy')).toEqual(
    ['policy --apply --browser', 'policy --enforce --browser'].map((it) => commandLine(settings, it)),
  );
});

test('every link leads to a heading or a file that is there', () => {
  for (const [, file = '', anchor] of text.matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]+))?\)/g)) {
    const target = file === '' ? text : read(posix.join('docs', file));
    if (anchor === undefined) continue;
    const headings = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    expect(headings).toContain(anchor);
  }
});

test('every setting that a deployment reads is explained', () => {
  const files = ['small', 'production', 'private'].map((it) => read(`infra/environments/${it}.bicepparam`));
  const asked = files.flatMap((file) =>
    [...file.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = '']) => name),
  );
  const byAzd = /^(AZURE_|VAULT_CREATE_MODE|API_CLIENT_ID|PORTAL_CLIENT_ID)/;
  expect(asked.filter((name) => !byAzd.test(name) && !text.includes(`\`${name}\``))).toEqual([]);
});

test('what an operator may say is looked at before anything is made', () => {
  const bad: Record<string, string> = {
    MFA_EVIDENCE: 'x',
    SIGN_IN_MAX_AGE: 'x',
    CLIENT_ADDRESS_DAYS: '-1',
    USERNAME_DOMAINS: 'x y',
    USERNAME_DEFAULT_DOMAIN: 'x y',
    USERNAME_MAIL: 'perhaps',
    PORTAL_MAIL_SERVERS: 'x',
    PORTAL_LINKS: 'x',
    PORTAL_ORGANIZATION: 'x'.repeat(65),
    PORTAL_SUPPORT: 'x',
    PORTAL_LOGO: 'x',
    PORTAL_PROFILE_CERTIFICATE: 'x y',
  };
  const [, options = ''] =
    /type OptionalSettings = \{(.*?)^\}/ms.exec(read('infra/modules/settings.bicep')) ?? [];
  const names = [...options.matchAll(/^ {2}(\w+): string$/gm)].map(([, name]) => name);
  expect(Object.keys(bad).sort()).toEqual(['MFA_EVIDENCE', ...names].sort());
  expect(() => checkAppSettings({})).not.toThrow();
  for (const [name, value] of Object.entries(bad))
    expect(() => checkAppSettings({ [name]: value })).toThrow(`${name}: expects`);
  expect(() => checkAppSettings({ USERNAME_MAIL: 'true' })).not.toThrow();
  expect(() => checkAppSettings({ USERNAME_MAIL: 'true', FOLLOW_DIRECTORY: 'false' })).toThrow(
    'USERNAME_MAIL',
  );
});

describe('With plain az', () => {
  let terminal: Terminal;
  beforeEach(() => {
    terminal = openTerminal();
  });
  afterEach(() => terminal.remove());

  const [resources = ''] = shellOf('With plain az');

  /** Makes the resources of a deployment as the page says, and says what the later lines work with. */
  async function deploy(environment: string, location: string) {
    const lines = resources
      .replace(/AZURE_ENV_NAME=\w+/, `AZURE_ENV_NAME=${environment}`)
      .replace(/AZURE_LOCATION=\w+/, `AZURE_LOCATION=${location}`);
    const { code, stdout, stderr } = await terminal.run(`${lines}\necho "$KEY_VAULT_URL $TABLES_ENDPOINT"`);
    return { code, stderr, found: stdout.trim().split('\n').at(-1) };
  }

  const of = (place: string) => ({
    code: 0,
    found: `https://kv-${place}.vault.azure.net https://stdata${place}.table.core.windows.net`,
  });

  test('a second region works on its own deployment, never on that of the first', async () => {
    expect(await deploy('prod', 'swedencentral')).toMatchObject(of('prod-swedencentral'));
    expect(await deploy('rescue', 'northeurope')).toMatchObject(of('rescue-northeurope'));
    expect(await deploy('prod', 'swedencentral')).toMatchObject(of('prod-swedencentral'));
  });

  test("two deployments in one region do not get into each other's way", async () => {
    expect(await deploy('prod', 'swedencentral')).toMatchObject(of('prod-swedencentral'));
    expect(await deploy('test', 'swedencentral')).toMatchObject(of('test-swedencentral'));
    expect(Object.keys(terminal.subscription.deployments)).toHaveLength(2);
  });
});
