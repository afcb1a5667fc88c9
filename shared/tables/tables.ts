import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { StoreSettings } from '../settings/settings.ts';

/** The names of the two tables; the deployment creates them. */
export const tableNames = {
  passwords: 'AppPasswords',
  usernames: 'Usernames',
} as const;

export interface Tables {
  readonly passwords: TableClient;
  readonly usernames: TableClient;
}

// The callers' own time limits end a request; these repeats only bridge what is over within a blink.
const retryOptions = { maxRetries: 2, retryDelayInMs: 50, maxRetryDelayInMs: 300 };

/**
 * Opens the two tables: by connection string against Azurite, or by identity against an endpoint in the cloud.
 *
 * @param eachTry sees every try of a request
 */
export function openTables(
  settings: StoreSettings,
  credential: () => TokenCredential,
  eachTry?: PipelinePolicy,
): Tables {
  const options: TableServiceClientOptions = {
    retryOptions,
    ...(eachTry && { additionalPolicies: [{ policy: eachTry, position: 'perRetry' }] }),
  };
  const open = (name: string) =>
    settings.VARIANT === 'local'
      ? TableClient.fromConnectionString(settings.TABLES_CONNECTION_STRING, name, {
          ...options,
          allowInsecureConnection: true,
        })
      : new TableClient(settings.TABLES_ENDPOINT, name, credential(), options);
  return {
    passwords: open(tableNames.passwords),
    usernames: open(tableNames.usernames),
  };
}
