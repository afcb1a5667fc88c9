import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTerminal, type Terminal } from './support/az.ts';
import { read } from './support/files.ts';

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
