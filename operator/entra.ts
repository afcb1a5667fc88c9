import { parseArgs } from 'node:util';
import { DefaultAzureCredential, InteractiveBrowserCredential } from '@azure/identity';
import { readDeploymentSettings } from '../shared/settings.ts';
import { apply, check, plan } from './entra/commands.ts';
import { openGraph } from './entra/graph.ts';
import { run } from './stores.ts';

const usage = `Usage: npm run entra -- COMMAND
  plan             says what "apply" would change in Entra ID, and changes nothing
  apply            registers the API and the portal, and prints the settings that the deployment needs
  check            says whether Conditional Access really asks for a second factor, and what else would give a token:
                   secrets, public client flows, redirect URIs that are not the portal's
  check --browser  the same, signing in with the browser, as the Azure CLI may not read policies`;

/** Microsoft Graph Command Line Tools, a public client in every tenant; nothing has to be registered for it. */
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const scopesOfCheck = ['Policy.Read.All', 'Application.Read.All'];

/** Manages the registrations in Entra ID. There is no secret in them. */
await run(usage, async () => {
  const { values, positionals } = parseArgs({
    options: { browser: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [command] = positionals;
  if (positionals.length !== 1 || (values.browser && command !== 'check')) return false;
  const settings = readDeploymentSettings(process.env);
  const { AZURE_TENANT_ID: tenantId } = settings;
  const tenant = tenantId === undefined ? {} : { tenantId };
  const graph = values.browser
    ? openGraph(
        settings,
        () =>
          new InteractiveBrowserCredential({
            ...tenant,
            clientId: graphTools,
            redirectUri: 'http://localhost',
          }),
        scopesOfCheck,
      )
    : openGraph(settings, () => new DefaultAzureCredential(tenant));
  switch (command) {
    case 'plan':
      await plan(graph, settings, console.log);
      return true;
    case 'apply':
      // Only the settings are on the standard output, for a hook to read.
      for (const [name, value] of Object.entries(await apply(graph, settings, console.error)))
        console.log(`${name}=${value}`);
      return true;
    case 'check':
      await check(graph, settings, console.log);
      return true;
    default:
      return false;
  }
});
