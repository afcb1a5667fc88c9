import { DefaultAzureCredential, InteractiveBrowserCredential, type TokenCredential } from '@azure/identity';
import { InvalidArgumentError, Option } from 'commander';
import { type DeploymentSettings, readDeploymentSettings } from '../shared/settings/settings.ts';
import type { Declare, Environment } from './command.ts';
import { apply, check, plan, policy } from './entra/commands.ts';
import { type Graph, type GraphOptions, openGraph } from './entra/graph.ts';

/** Microsoft Graph Command Line Tools, a public client in every tenant; nothing has to be registered for it. */
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const toRead = ['Policy.Read.All', 'Application.Read.All'];
const toWrite = [...toRead, 'Policy.ReadWrite.ConditionalAccess'];

interface Options {
  readonly browser?: true;
  readonly apply?: true;
  readonly enforce?: true;
}

export const entra: Declare = (command, { env, print, note }) => {
  const subcommand = (
    name: string,
    description: string,
    run: (graph: Graph, settings: DeploymentSettings, options: Options) => Promise<void>,
  ) =>
    command
      .command(name)
      .description(description)
      .argument(
        '[NAME=VALUE...]',
        "settings in the place of the environment's, as in AZURE_ENV_NAME=prod",
        setting,
      )
      .action((given: Environment | undefined, options: Options) => {
        const settings = readDeploymentSettings({ ...env, ...given });
        return run(openGraph(settings, ...signInFor(settings, options)), settings, options);
      });
  const browser = ['--browser', 'signs in with the browser, as the Azure CLI may not read policies'] as const;

  command.description('Manages the registrations in Entra ID. There is no secret in them.');
  subcommand('plan', 'Says what "apply" would change in Entra ID, and changes nothing.', (graph, settings) =>
    plan(graph, settings, print),
  );
  subcommand(
    'apply',
    'Registers the API and the portal, and prints the settings that the deployment needs.',
    async (graph, settings) => {
      // Only the settings are on the standard output, for a hook to read.
      for (const [name, value] of Object.entries(await apply(graph, settings, note)))
        print(`${name}=${value}`);
    },
  );
  subcommand(
    'check',
    "Says whether Conditional Access really asks for a second factor, and what else would give a token: secrets, public client flows, redirect URIs that are not the portal's.",
    (graph, settings) => check(graph, settings, print),
  ).option(...browser);
  subcommand(
    'policy',
    'Prints the Conditional Access policy that asks for a second factor.',
    (graph, settings, { apply, enforce }) =>
      policy(graph, settings, { act: apply ? 'apply' : enforce ? 'enforce' : 'print', say: print }),
  )
    .option(...browser)
    .option('--apply', 'makes it, report-only: it asks nobody yet')
    .addOption(new Option('--enforce', 'has it ask').conflicts('apply'));
};

/** Takes one more setting. */
function setting(word: string, others: Environment = {}): Environment {
  const [, name, value] = /^([A-Z_]+)=(.*)$/s.exec(word) ?? [];
  if (name === undefined) throw new InvalidArgumentError('A setting is NAME=VALUE.');
  return { ...others, [name]: value };
}

/** Who signs in to Microsoft Graph, and what for. */
function signInFor(
  { AZURE_TENANT_ID: tenantId }: DeploymentSettings,
  { browser, apply, enforce }: Options,
): [() => TokenCredential, GraphOptions?] {
  const tenant = tenantId === undefined ? {} : { tenantId };
  if (!browser) return [() => new DefaultAzureCredential(tenant)];
  const byBrowser = { ...tenant, clientId: graphTools, redirectUri: 'http://localhost' };
  return [() => new InteractiveBrowserCredential(byBrowser), { scopes: apply || enforce ? toWrite : toRead }];
}
