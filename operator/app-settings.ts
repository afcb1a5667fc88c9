import { join } from 'node:path';
import { checkLogo } from '../shared/settings/logo.ts';
import { readSettings } from '../shared/settings/settings.ts';

/** What a deployment finds out by itself; any value of the right form will do. */
const known = {
  VARIANT: 'azure',
  TABLES_ENDPOINT: 'https://tables.example.com',
  KEY_VAULT_URL: 'https://vault.example.com',
  TENANT_ID: 'tenant',
  OIDC_DISCOVERY_URL: 'https://login.example.com/.well-known/openid-configuration',
  TOKEN_ISSUER: 'https://login.example.com/',
  TOKEN_AUDIENCES: 'api',
  TOKEN_CLIENTS: 'page',
};

/** What whoever deploys may say. */
const chosen = [
  'MFA_EVIDENCE',
  'SIGN_IN_MAX_AGE',
  'CLIENT_ADDRESS_DAYS',
  'USERNAME_DOMAINS',
  'USERNAME_DEFAULT_DOMAIN',
  'USERNAME_MAIL',
  'PORTAL_MAIL_SERVERS',
  'PORTAL_LINKS',
  'PORTAL_ORGANIZATION',
  'PORTAL_SUPPORT',
  'PORTAL_LOGO',
  'PORTAL_PROFILE_CERTIFICATE',
];

/**
 * Looks whether the app will start with what the environment of a deployment says: in Azure, one that does not start answers
 * 404 to everything.
 *
 * @throws BadSettings with a message that names every bad setting and what it expects, never its value
 */
export function checkAppSettings(environment: Readonly<Record<string, string | undefined>>): void {
  const said = Object.fromEntries(chosen.map((name) => [name, environment[name]]));
  const followed = environment.FOLLOW_DIRECTORY !== 'false';
  const { PORTAL_LOGO } = readSettings({
    ...known,
    ...said,
    GRAPH_URL: followed ? 'https://graph.microsoft.com' : undefined,
  });
  checkLogo(join(import.meta.dirname, '../branding'), PORTAL_LOGO);
}
