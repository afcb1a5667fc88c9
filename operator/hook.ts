import { checkAppSettings } from './app-settings.ts';
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
import { openStores, run } from './stores.ts';

const usage = `Usage: npm run hook -- preprovision | postprovision | postdeploy
  What "azd up" runs around its own steps; azd hands over its environment.`;

const byUp = '"azd up" asks for it';
const byProvision = '"azd provision" puts it there';

/** Runs what azure.yaml names. Whatever is done already stays as it is, so it may be run again at any time. */
await run(usage, async () => {
  const [step, ...more] = process.argv.slice(2);
  if (more.length > 0) return false;
  // Whoever runs azd acts, also where somebody else is signed in with another tool.
  process.env.AZURE_TOKEN_CREDENTIALS ??= 'AzureDeveloperCliCredential';
  switch (step) {
    case 'preprovision':
      await preprovision();
      return true;
    case 'postprovision':
      await postprovision();
      return true;
    case 'postdeploy':
      await postdeploy();
      return true;
    default:
      return false;
  }
});

async function preprovision(): Promise<void> {
  const environment = need('AZURE_ENV_NAME', byUp);
  const subscription = need('AZURE_SUBSCRIPTION_ID', byUp);
  const location = regionName(need('AZURE_LOCATION', byUp));
  const { TABLES_REDUNDANCY, HOST_REDUNDANCY, AZURE_TENANT_ID } = process.env;
  const size = chosenSize();
  console.log(priceLine(size));
  checkAppSettings(process.env);

  const manager = openResourceManager();
  const tenant = await tenantOf(manager, subscription, AZURE_TENANT_ID);
  const exists = await checkPlace(manager, {
    ...{ subscription, environment, location, size },
    tablesRedundancy: TABLES_REDUNDANCY || 'Standard_ZRS',
    hostRedundancy: HOST_REDUNDANCY || 'Standard_ZRS',
  });
  const deleted = await wasVaultDeleted(manager, subscription, environment, location);
  if (deleted)
    console.log(
      'The Key Vault of this environment was deleted: it is recovered, with its pepper and as it was. Where its network is to change, run "azd provision" once more.',
    );
  await setInAzd({
    AZURE_TENANT_ID: tenant,
    AZURE_PRINCIPAL_TYPE: await manager.principalType(),
    VAULT_CREATE_MODE: deleted ? 'recover' : 'default',
  });
  // What an earlier deployment left in azd's environment may name what is gone.
  const { PORTAL_URL: _, APP_PRINCIPAL_ID: __, ...first } = process.env;
  await setInAzd(await register(exists ? process.env : first));
  await checkSecondFactor(process.env, process.stdout.isTTY);
}

async function postprovision(): Promise<void> {
  for (const name of ['PORTAL_URL', 'APP_PRINCIPAL_ID', 'KEY_VAULT_URL']) need(name, byProvision);
  await setInAzd(await register(process.env));
  await ensurePepper(openStores().vault);
}

async function postdeploy(): Promise<void> {
  need('KEY_VAULT_URL', byProvision);
  const page = need('PORTAL_URL', byProvision);
  await answers(page);
  await ensureGateway(openStores().vault, process.stdout.isTTY);
  console.log(`
The page is at ${page}/

Create an app password there. Then ask as a gateway does, which says what to mend:

  npm run gateway:check -- --url ${page} --user USERNAME

It works when every line begins with "ok". gateways/README.md then has the configuration of your mail server.
`);
  // What was said of it before the resources were made is far up by now; for a context, it would have stopped there.
  if (!process.env.MFA_EVIDENCE?.startsWith('acrs:')) await checkSecondFactor(process.env, false);
}

function need(name: string, how: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Refused(
    `${name} is missing in azd's environment: ${how}; "azd env get-values" shows what is there.`,
  );
}
