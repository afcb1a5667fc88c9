import * as z from 'zod';
import { withoutInvisible } from '../domain/username/invisible.ts';
import { asciiDomain } from '../domain/username/username.ts';
import { parseMailServer } from './mail-servers.ts';

/** Thrown at start: a setting is missing or wrong. The message names each one and says what it expects. */
export class BadSettings extends Error {
  override name = 'BadSettings';
}

const list = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().min(1)));
const listOf = (what: string) => list.describe(`${what}, separated by commas`);
const https = z.url({ protocol: /^https$/ }).describe('an https:// URL');
const httpOrHttps = z.url({ protocol: /^https?$/ }).describe('an http:// or https:// URL');
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** The scope of the API in which the page asks for tokens. */
export const tokenScope = 'AppPasswords.Manage';
const domainName = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** A domain as it is registered, however it was written; empty for what is none. Two with a space between are not one. */
function domainIn(text: string): string {
  const written = text.trim();
  return (!/\s/.test(written) && asciiDomain(withoutInvisible(written).toLowerCase())) || '';
}

const usernameDomains = z
  .string()
  .default('')
  .transform((text) => (text === '' ? [] : text.split(',').map((entry) => entry.trim().toLowerCase())))
  .pipe(
    z.array(
      z.string().transform((entry, context) => {
        const parts = entry.split('=');
        const [written = '', alias] = parts.reverse();
        const domain = domainIn(written);
        if (parts.length > 2 || !domainName.test(domain) || alias === '') context.addIssue('not a domain');
        return { domain, alias };
      }),
    ),
  )
  .describe('accepted domains, separated by commas; CORP=example.com also lets people type CORP\\name');

const links = z
  .string()
  .default('')
  .transform((text) =>
    text === '' ? [] : text.split(',').map((entry) => entry.trim().split(/=(.*)/s).slice(0, 2)),
  )
  .pipe(
    z.array(
      z.tuple([
        z.enum(['personal', 'work', 'azure', 'unsure', 'factor', 'authenticator', 'factorLost']),
        z.union([z.literal('here'), z.url({ protocol: /^https$/ })]),
      ]),
    ),
  )
  .transform((pairs) => Object.fromEntries(pairs))
  .describe(
    'other pages than the usual ones for personal, work, azure, unsure, factor, authenticator and factorLost, each an https:// URL or here, as in factor=https://…, separated by commas',
  );

const mailServers = z
  .string()
  .default('')
  .transform((text) => (text === '' ? [] : text.split(',')))
  .pipe(
    z.array(
      z.string().transform((entry, context) => {
        const server = parseMailServer(entry);
        if (server !== undefined) return server;
        context.addIssue('not a mail server');
        return z.NEVER;
      }),
    ),
  )
  .describe(
    'what to type into a device, as in IMAP=mail.example.com:993, separated by commas; another port than the usual ones needs /tls or /starttls, as in SMTP=mail.example.com:2465/tls; ActiveSync takes a host, CalDAV and CardDAV a host or an https:// URL',
  );

/** The name of a file that may be the organization's logo. */
export const logoName = /^[\w-][\w.-]*\.(png|jpe?g|webp|svg)$/i;

/** The form that the exporter takes; it would ignore another one. */
const connectionString =
  /^(?=(.*;)?InstrumentationKey=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(;|$))\w+=[^=;]+(;\w+=[^=;]+)*$/;

const audit = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .regex(connectionString)
    .optional()
    .describe(
      'where audit records go, as in InstrumentationKey=…;IngestionEndpoint=https://…, where it is not the standard output',
    ),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .regex(/^(ClientId=[^;]+;)?Authorization=AAD$/)
    .optional()
    .describe('Authorization=AAD or ClientId=…;Authorization=AAD, where audit records go there by identity'),
};

const mfaEvidence = z
  .string()
  .regex(/^(amr:mfa|acrs:[\x21\x23-\x5b\x5d-\x7e]+)$/)
  .default('amr:mfa')
  .describe('amr:mfa, or acrs: with an authentication context, as in acrs:c1');

const person = {
  TENANT_ID: z.string().min(1).describe('the id of the tenant, as in the tid claim'),
  TOKEN_AUDIENCES: listOf('the accepted values of the aud claim'),
  TOKEN_CLIENTS: listOf('the ids of the accepted client applications (azp, appid or client_id)'),
  TOKEN_SCOPE: z.string().regex(scopeToken).default(tokenScope).describe('the scope that a token needs'),
  MFA_EVIDENCE: mfaEvidence,
  APPLICATION_EVIDENCE: z
    .enum(['idtyp', 'sub'])
    .default('idtyp')
    .describe('what proves that a token is an application’s: idtyp (Entra ID), or sub (RFC 9068)'),
  SIGN_IN_MAX_AGE: z.coerce
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(900)
    .describe('how old the sign-in may be for a new password: 60 to 86400 seconds'),
  CLIENT_ADDRESS_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(90)
    .describe('how long the addresses of clients are kept: 0 to 3650 days'),
  USERNAME_CLAIM: z.string().min(1).default('upn').describe('the claim that holds the username'),
  USERNAME_DOMAINS: usernameDomains,
  USERNAME_DEFAULT_DOMAIN: z
    .string()
    .transform(domainIn)
    .pipe(z.string().regex(domainName))
    .optional()
    .describe('the domain of a username that is typed without one'),
  GRAPH_URL: https
    .optional()
    .describe('the https:// address of Microsoft Graph, where accounts are to be followed'),
  USERNAME_MAIL: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('true, where the mail address is a second username, or false; true needs GRAPH_URL'),
  PORTAL_AUTHORITY: httpOrHttps
    .optional()
    .describe(
      'the address of the identity provider for the page, where it is not that of OIDC_DISCOVERY_URL',
    ),
  PORTAL_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe('the client id of the page, where it is not the first of TOKEN_CLIENTS'),
  PORTAL_SCOPE: z
    .string()
    .regex(scopeToken)
    .optional()
    .describe(
      'the scope that the page asks for, as in api://id/AppPasswords.Manage, where it is not TOKEN_SCOPE',
    ),
  PORTAL_MAIL_SERVERS: mailServers,
  PORTAL_LINKS: links,
  PORTAL_ORGANIZATION: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,64}$/u)
    .optional()
    .describe('the name of the organization: at most 64 characters'),
  PORTAL_SUPPORT: z
    .url({ protocol: /^(mailto|tel|https)$/ })
    .refine((address) => URL.canParse(address) && new URL(address).pathname !== '')
    .optional()
    .describe('where people get help: a mailto:, tel: or https:// address'),
  PORTAL_LOGO: z
    .string()
    .regex(logoName)
    .optional()
    .describe('the name of a file of the folder branding: a png, jpg, webp or svg of at most 50 kB'),
  PORTAL_PROFILE_CERTIFICATE: z
    .string()
    .regex(/^[a-z\d-]{1,127}$/i)
    .optional()
    .describe(
      'the name of the secret in the Key Vault that holds a certificate, its chain and its key in PEM, where the profile for Apple’s devices is to be signed',
    ),
};

const azureStores = z.object({
  VARIANT: z.literal('azure'),
  TABLES_ENDPOINT: https.describe('the https:// address of the table service'),
  KEY_VAULT_URL: https.describe('the https:// address of the Key Vault'),
  AZURE_CLIENT_ID: z.string().min(1).optional().describe('the client id of the managed identity'),
});

const localStores = z.object({
  VARIANT: z.literal('local'),
  TABLES_CONNECTION_STRING: z.string().min(1).describe('the connection string of Azurite'),
  KEY_VAULT_URL: https.describe('the https:// address of the local Key Vault'),
  KEY_VAULT_CERTIFICATE: z.string().min(1).describe('the PEM certificate of the local Key Vault'),
  KEY_VAULT_TOKEN: z.string().min(1).describe('the access token of the local Key Vault'),
});

/** What only the directory says can be had only from one. */
function needsDirectory(settings: { GRAPH_URL?: string | undefined; USERNAME_MAIL: boolean }): boolean {
  return !settings.USERNAME_MAIL || settings.GRAPH_URL !== undefined;
}

const azure = azureStores
  .extend({
    ...person,
    ...audit,
    OIDC_DISCOVERY_URL: https.describe('the https:// address of the OpenID configuration'),
    TOKEN_ISSUER: https.describe('the https:// URL in the iss claim'),
  })
  .refine(needsDirectory, { path: ['USERNAME_MAIL'] });

const local = localStores
  .extend({
    ...person,
    ...audit,
    OIDC_DISCOVERY_URL: httpOrHttps.describe('the address of the OpenID configuration'),
    TOKEN_ISSUER: httpOrHttps.describe('the URL in the iss claim'),
    GRAPH_CERTIFICATE: z
      .string()
      .min(1)
      .optional()
      .describe('the PEM certificate of the local stand-in for Microsoft Graph'),
    GRAPH_TOKEN: z
      .string()
      .min(1)
      .optional()
      .describe('the access token of the local stand-in for Microsoft Graph'),
  })
  .refine(needsDirectory, { path: ['USERNAME_MAIL'] });

/** The names of all settings of the variant `azure`. */
export const azureSettings: readonly string[] = Object.keys(azure.shape);

const deployment = z.object({
  AZURE_ENV_NAME: z
    .string()
    .regex(/^[\w().-]{1,40}$/)
    .describe('the name of this deployment: at most 40 letters, digits, and the signs - _ . ( )'),
  AZURE_TENANT_ID: z.guid().optional().describe('the id of the tenant'),
  PORTAL_URL: z
    .url({ protocol: /^https$/ })
    .refine((url) => URL.canParse(url) && new URL(url).pathname === '/' && !/[?#@]/.test(url))
    .optional()
    .describe('the https:// address of the page, without a path'),
  APP_PRINCIPAL_ID: z
    .guid()
    .optional()
    .describe("the object id of the service principal of the app's managed identity"),
  FOLLOW_DIRECTORY: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true')
    .describe('whether accounts are followed in the directory: true or false'),
  MFA_EVIDENCE: mfaEvidence,
  EMERGENCY_ACCOUNTS: z
    .string()
    .default('')
    .transform((text) => (text === '' ? [] : text.split(',').map((entry) => entry.trim())))
    .pipe(z.array(z.guid()))
    .describe('the object ids of the emergency accounts of the tenant, separated by commas'),
});

const azureDeployment = deployment.extend({
  VARIANT: z.literal('azure'),
  GRAPH_URL: https.default('https://graph.microsoft.com').describe('the https:// address of Microsoft Graph'),
});

const localDeployment = deployment.extend({
  VARIANT: z.literal('local'),
  GRAPH_URL: https.describe('the https:// address of the local stand-in for Microsoft Graph'),
  GRAPH_CERTIFICATE: z.string().min(1).describe('the PEM certificate of the local stand-in'),
  GRAPH_TOKEN: z.string().min(1).describe('the access token of the local stand-in'),
});

/** What the registrations of a deployment in Entra ID are made from. */
export type DeploymentSettings = z.infer<typeof azureDeployment> | z.infer<typeof localDeployment>;

/** Where the tables and the Key Vault are: all that an operator's command needs. */
export type StoreSettings = z.infer<typeof azureStores> | z.infer<typeof localStores>;

/** All settings of the app: the variant `azure`, or `local` where it is named. */
export type Settings = z.infer<typeof azure> | z.infer<typeof local>;

const onlyInAzure = ['WEBSITE_SITE_NAME', 'IDENTITY_ENDPOINT'];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from environment variables. An empty one counts as missing.
 *
 * @throws BadSettings with a message that names every bad setting and what it expects, never its value.
 */
export function readSettings(environment: Environment): Settings {
  return read<Settings>(environment, { azure, local });
}

/** Reads where the tables and the Key Vault are. @throws BadSettings */
export function readStoreSettings(environment: Environment): StoreSettings {
  return read<StoreSettings>(environment, { azure: azureStores, local: localStores });
}

/** Reads what the registrations in Entra ID are made from. @throws BadSettings */
export function readDeploymentSettings(environment: Environment): DeploymentSettings {
  return read<DeploymentSettings>(environment, { azure: azureDeployment, local: localDeployment });
}

function read<T>(environment: Environment, variants: { azure: z.ZodObject; local: z.ZodObject }): T {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const VARIANT = present.VARIANT ?? 'azure';
  if (VARIANT !== 'azure' && VARIANT !== 'local') {
    throw new BadSettings('VARIANT: expects azure (the default) or local');
  }
  if (VARIANT === 'local' && onlyInAzure.some((name) => present[name] !== undefined)) {
    throw new BadSettings('VARIANT: local is for a developer’s machine and does not start in Azure');
  }
  const result = variants[VARIANT].safeParse({ ...present, VARIANT });
  if (result.success) return result.data as T;
  const names = new Set(result.error.issues.map(({ path }) => String(path[0])));
  const expected = (name: string) => `${name}: expects ${variants[VARIANT].shape[name]?.description}`;
  throw new BadSettings(
    `settings are missing or wrong\n${[...names].map((name) => `  ${expected(name)}`).join('\n')}`,
  );
}
