import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { azureSettings, readSettings } from '../../shared/settings/settings.ts';
import { tableNames } from '../../shared/tables/tables.ts';
import { environments, ids } from '../../testing/bicep.ts';
import { appSettings, ofType, type Snapshot, snapshots } from '../../testing/snapshots.ts';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Those that the host itself reads; the app reads the last two as well. */
const ofHost = [
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsDisableHomepage',
  'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
];

/** The default is azure; Entra ID marks an application by idtyp; and upn is the claim that the registration has. */
const leftOut = ['VARIANT', 'APPLICATION_EVIDENCE', 'USERNAME_CLAIM'];

const clientId = '00000000-0000-4000-8000-0000000000c1';
const connectionString =
  'InstrumentationKey=00000000-0000-4000-8000-0000000000c2;IngestionEndpoint=https://in.example.com/';

/** The app settings as they will be: what a deployment learns from a resource is put in. */
function deployed(snapshot: Snapshot): Record<string, string> {
  const [identity] = ofType(snapshot, 'Microsoft.ManagedIdentity/userAssignedIdentities');
  const [insights] = ofType(snapshot, 'Microsoft.Insights/components');
  const asked = `reference('${identity?.id}', '${identity?.apiVersion}').clientId`;
  const known = new Map([
    [`[${asked}]`, clientId],
    [`[format('ClientId={0};Authorization=AAD', ${asked})]`, `ClientId=${clientId};Authorization=AAD`],
    [`[reference('${insights?.id}', '${insights?.apiVersion}').ConnectionString]`, connectionString],
  ]);
  return Object.fromEntries(
    Object.entries(appSettings(snapshot)).map(([name, value]) => [name, known.get(value) ?? value]),
  );
}

describe.each(snapshots.map((snapshot) => [snapshot.name, snapshot] as const))(
  'The template and the code agree in %s',
  (name, snapshot) => {
    const given = deployed(snapshot);
    const said = environments[name] ?? {};
    const settings = () => readSettings(given);
    const [site] = ofType(snapshot, 'Microsoft.Web/sites');
    const config = site?.properties.functionAppConfig;

    test('on the names of the app settings: none is unknown, none is missing', () => {
      const known = new Set([...azureSettings.filter((it) => !leftOut.includes(it)), ...ofHost]);
      expect(Object.keys(given).sort()).toEqual([...known].sort());
    });

    test('on their values: the code takes each, and nothing is left that only a deployment could know', () => {
      expect(Object.entries(given).filter(([, value]) => value.startsWith('['))).toEqual([]);
      expect(settings()).toMatchObject({
        VARIANT: 'azure',
        AZURE_CLIENT_ID: clientId,
        TABLES_ENDPOINT: snapshot.outputs.TABLES_ENDPOINT,
        KEY_VAULT_URL: snapshot.outputs.KEY_VAULT_URL,
      });
      const graph = said.FOLLOW_DIRECTORY === 'false' ? undefined : 'https://graph.microsoft.com';
      expect(settings().GRAPH_URL).toBe(graph);
    });

    test('on what the operator may say: the code reads it as it was said', () => {
      expect(settings()).toEqual(readSettings({ ...given, ...said }));
    });

    test('on the registrations: audiences, clients, scope and addresses', () => {
      const { TOKEN_SCOPE: scope } = readSettings({ ...given, TOKEN_SCOPE: undefined });
      expect(settings()).toMatchObject({
        TENANT_ID: ids.tenant,
        TOKEN_ISSUER: `https://sts.windows.net/${ids.tenant}/`,
        OIDC_DISCOVERY_URL: `https://login.microsoftonline.com/${ids.tenant}/.well-known/openid-configuration`,
        TOKEN_AUDIENCES: [`api://${ids.api}`, ids.api],
        TOKEN_CLIENTS: [ids.portal],
        TOKEN_SCOPE: scope,
        MFA_EVIDENCE: said.MFA_EVIDENCE ?? 'amr:mfa',
        PORTAL_AUTHORITY: `https://login.microsoftonline.com/${ids.tenant}/v2.0`,
        PORTAL_CLIENT_ID: ids.portal,
        PORTAL_SCOPE: `api://${ids.api}/${scope}`,
      });
    });

    test('on the tables: these two, and no secret, which only the code names', () => {
      const tables = ofType(snapshot, 'Microsoft.Storage/storageAccounts/tableServices/tables');
      const [account] = new URL(given.TABLES_ENDPOINT ?? '').host.split('.');
      expect(tables.map((table) => table.name).sort()).toEqual(
        Object.values(tableNames)
          .map((table) => `${account}/default/${table}`)
          .sort(),
      );
      const [vault] = ofType(snapshot, 'Microsoft.KeyVault/vaults');
      expect(new URL(given.KEY_VAULT_URL ?? '').host).toBe(`${vault?.name}.vault.azure.net`);
      expect(ofType(snapshot, 'Microsoft.KeyVault/vaults/secrets')).toEqual([]);
    });

    test('on the runtime: the oldest Node that package.json takes, and none of the settings of other plans', () => {
      expect(config.runtime).toEqual({ name: 'node', version: engines.node.replace('>=', '') });
      const foreign = /^(FUNCTIONS_(WORKER_RUNTIME|EXTENSION_VERSION)|WEBSITE_|SCM_|ENABLE_ORYX)/;
      expect(Object.keys(given).filter((it) => foreign.test(it))).toEqual([]);
    });

    test('on the package: it lies in a container of the host’s account, beside those that a host needs', () => {
      const containers = ofType(snapshot, 'Microsoft.Storage/storageAccounts/blobServices/containers');
      const urls = containers.map((it) => {
        const [account, , container] = it.name.split('/');
        return `https://${account}.blob.core.windows.net/${container}`;
      });
      const blobs = `https://${given.AzureWebJobsStorage__accountName}.blob.core.windows.net`;
      expect(config.deployment.storage.value).toBe(`${blobs}/app-package`);
      expect(urls).toContain(config.deployment.storage.value);
      expect(urls).toContain(`${blobs}/azure-webjobs-hosts`);
      expect(urls).toContain(`${blobs}/azure-webjobs-secrets`);
    });

    test('on what the host takes: more than the app does, so that the app refuses first', () => {
      expect(Number(given.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT)).toBe(2 ** 20);
    });

    test('with azd: it finds the site by its tag, and the address of the page', () => {
      expect(site?.tags).toEqual({ 'azd-env-name': said.AZURE_ENV_NAME, 'azd-service-name': 'app' });
      expect(snapshot.outputs.AZURE_FUNCTION_APP_NAME).toBe(site?.name);
      if (said.CUSTOM_DOMAIN !== undefined)
        expect(snapshot.outputs.PORTAL_URL).toBe(`https://${said.CUSTOM_DOMAIN}`);
      else
        expect(snapshot.outputs.PORTAL_URL).toMatch(/^\[format\('https:\/\/\{0\}', .*\.hostName\.value\)\]$/);
    });
  },
);

test('Whatever an operator may say is said in one snapshot at least', () => {
  const ever = new Set(
    snapshots.flatMap((it) =>
      Object.entries(appSettings(it)).flatMap(([name, value]) => (value ? [name] : [])),
    ),
  );
  expect(azureSettings.filter((name) => !ever.has(name))).toEqual(leftOut);
});
