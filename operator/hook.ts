import { checkAppSettings } from './app-settings.ts';
import type { Declare, Environment, Invocation } from './command.ts';
import { entra } from './entra.ts';
import { setInAzd } from './hooks/azd.ts';
import { wasVaultDeleted } from './hooks/deleted-vault.ts';
import { ensureGateway } from './hooks/first-gateway.ts';
import { ensurePepper } from './hooks/first-pepper.ts';
import { answers } from './hooks/health.ts';
import { checkPlace } from './hooks/place.ts';
import { priceLine } from './hooks/price.ts';
import { checkSecondFactor, register } from './hooks/registrations.ts';
import { openResourceManager, regionName } from './hooks/resource-manager.ts';
import { tenantOf } from './hooks/tenant.ts';
import { Refused } from './refused.ts';
import { chosenSize } from './size.ts';
import { openStores } from './stores.ts';

const byUp = '"azd up" asks for it';
const byProvision = '"azd provision" puts it there';

/**
 * What azure.yaml names. Whatever is done already stays as it is, so it may be run again at any time.
 *
 * @param entra makes the registrations in Entra ID
 */
export const hookWith =
  (entra: Declare): Declare =>
  (command, invocation) => {
    command
      .description('What "azd up" runs around its own steps; azd hands over its environment.')
      // Whoever runs azd acts, also where somebody else is signed in with another tool.
      .hook('preAction', () => {
        process.env.AZURE_TOKEN_CREDENTIALS ??= 'AzureDeveloperCliCredential';
      });
    const steps = [
      [
        'preprovision',
        'Before the resources are made: looks whether they can be, and makes the registrations.',
        preprovision,
      ],
      ['postprovision', 'After it: completes the registrations, and makes the pepper.', postprovision],
      ['postdeploy', 'When the app is there: waits for its answer, and adds the first gateway.', postdeploy],
    ] as const;
    for (const [name, description, step] of steps)
      command
        .command(name)
        .description(description)
        .action(() => step(entra, invocation));
  };

export const hook = hookWith(entra);

async function preprovision(entra: Declare, invocation: Invocation): Promise<void> {
  const { env, print, terminal } = invocation;
  const environment = need(env, 'AZURE_ENV_NAME', byUp);
  const subscription = need(env, 'AZURE_SUBSCRIPTION_ID', byUp);
  const location = regionName(need(env, 'AZURE_LOCATION', byUp));
  const { TABLES_REDUNDANCY, HOST_REDUNDANCY, AZURE_TENANT_ID } = env;
  const size = chosenSize();
  print(priceLine(size));
  checkAppSettings(env);

  const manager = openResourceManager(env);
  const tenant = await tenantOf(manager, subscription, AZURE_TENANT_ID);
  const exists = await checkPlace(manager, {
    ...{ subscription, environment, location, size },
    tablesRedundancy: TABLES_REDUNDANCY || 'Standard_ZRS',
    hostRedundancy: HOST_REDUNDANCY || 'Standard_ZRS',
  });
  const deleted = await wasVaultDeleted(manager, subscription, { environment, location });
  if (deleted)
    print(
      'The Key Vault of this environment was deleted: it is recovered, with its pepper and as it was. Where its network is to change, run "azd provision" once more.',
    );
  const found = await setInAzd(env, {
    AZURE_TENANT_ID: tenant,
    AZURE_PRINCIPAL_TYPE: await manager.principalType(),
    VAULT_CREATE_MODE: deleted ? 'recover' : 'default',
  });
  // What an earlier deployment left in azd's environment may name what is gone.
  const { PORTAL_URL: _, APP_PRINCIPAL_ID: __, ...first } = found;
  const made = await register(entra, { ...invocation, env: exists ? found : first });
  await checkSecondFactor(entra, { ...invocation, env: await setInAzd(found, made) }, terminal);
}

async function postprovision(entra: Declare, invocation: Invocation): Promise<void> {
  const { env, print } = invocation;
  for (const name of ['PORTAL_URL', 'APP_PRINCIPAL_ID', 'KEY_VAULT_URL']) need(env, name, byProvision);
  await setInAzd(env, await register(entra, invocation));
  await ensurePepper(openStores(env).vault, print);
}

async function postdeploy(entra: Declare, invocation: Invocation): Promise<void> {
  const { env, print, terminal } = invocation;
  need(env, 'KEY_VAULT_URL', byProvision);
  const page = need(env, 'PORTAL_URL', byProvision);
  await answers(page, print);
  await ensureGateway(openStores(env).vault, terminal, print);
  print(`
The page is at ${page}/

Create an app password there. Then ask as a gateway does, which says what to mend:

  npm run gateway:check -- --url ${page} --user USERNAME

It works when every line begins with "ok". gateways/README.md then has the configuration of your mail server.
`);
  // What was said of it before the resources were made is far up by now; for a context, it would have stopped there.
  if (!env.MFA_EVIDENCE?.startsWith('acrs:')) await checkSecondFactor(entra, invocation, false);
}

function need(env: Environment, name: string, how: string): string {
  const value = env[name];
  if (value) return value;
  throw new Refused(
    `${name} is missing in azd's environment: ${how}; "azd env get-values" shows what is there.`,
  );
}
