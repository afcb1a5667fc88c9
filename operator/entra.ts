import { parseArgs } from 'node:util';
import { DefaultAzureCredential, InteractiveBrowserCredential } from '@azure/identity';
import { readDeploymentSettings } from '../shared/settings/settings.ts';
import { type Command, main } from './command.ts';
import { apply, check, plan, policy } from './entra/commands.ts';
import { openGraph } from './entra/graph.ts';

const usage = `Usage: npm run entra -- COMMAND [NAME=VALUE ...]
  plan                       says what "apply" would change in Entra ID, and changes nothing
  apply                      registers the API and the portal, and prints the settings that the deployment needs
  check [--browser]          says whether Conditional Access really asks for a second factor, and what else would give a
                             token: secrets, public client flows, redirect URIs that are not the portal's
  policy [--browser]         prints the Conditional Access policy that asks for one
  policy --apply --browser   makes it, report-only: it asks nobody yet
  policy --enforce --browser has it ask
  --browser                  signs in with the browser, as the Azure CLI may not read policies
  NAME=VALUE                 a setting in the place of the environment's, as in AZURE_ENV_NAME=prod`;

/** Microsoft Graph Command Line Tools, a public client in every tenant; nothing has to be registered for it. */
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const toRead = ['Policy.Read.All', 'Application.Read.All'];
const toWrite = [...toRead, 'Policy.ReadWrite.ConditionalAccess'];

/** Manages the registrations in Entra ID. There is no secret in them. */
export const entra: Command = {
  usage,
  async run({ args, env, print, note }) {
    const { values, positionals } = parseArgs({
      args,
      options: {
        browser: { type: 'boolean' },
        apply: { type: 'boolean' },
        enforce: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const [command, ...words] = positionals;
    if (words.some((word) => !/^[A-Z_]+=/.test(word))) return false;
    if (values.browser && command !== 'check' && command !== 'policy') return false;
    if ((values.apply || values.enforce) && command !== 'policy') return false;
    if (values.apply && values.enforce) return false;
    const given = Object.fromEntries(words.map((word) => word.split(/=(.*)/s).slice(0, 2)));
    const settings = readDeploymentSettings({ ...env, ...given });
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
          values.apply || values.enforce ? toWrite : toRead,
        )
      : openGraph(settings, () => new DefaultAzureCredential(tenant));
    switch (command) {
      case 'plan':
        await plan(graph, settings, print);
        return true;
      case 'apply':
        // Only the settings are on the standard output, for a hook to read.
        for (const [name, value] of Object.entries(await apply(graph, settings, note)))
          print(`${name}=${value}`);
        return true;
      case 'check':
        await check(graph, settings, print);
        return true;
      case 'policy':
        await policy(graph, settings, print, values.apply ? 'apply' : values.enforce ? 'enforce' : 'print');
        return true;
      default:
        return false;
    }
  },
};

await main(import.meta.filename, entra);
