/** Who and what the local identity provider knows; apart from it, so that a client need not load the provider. */

import { adminRole } from '../shared/domain/person/caller.ts';

export const tenantId = '5e1f0a52-7c1d-4b0e-9d53-1f6f0c7a2b11';

/** The API that the access tokens are for, and the only scope it has. */
export const apiResource = 'api://app-passwords';
export const apiScope = 'AppPasswords.Manage';

/** The one public client. */
export const clientId = 'portal';

/** Always a registered redirect URI: nothing listens there, a client without a browser only reads the code from it. */
export const signedInUri = 'http://127.0.0.1/signed-in';

/** Two users may share one `oid`: a renamed person. */
export interface User {
  username: string;
  oid: string;
  /** The app roles in the access token. */
  roles?: readonly string[];
}

/** Alice is a person like any other; bob is an administrator as well. */
export const sampleUsers: readonly User[] = [
  {
    username: 'alice@example.com',
    oid: 'a11ce000-3d5b-4c6f-8f3e-6f2b1d9c0001',
  },
  {
    username: 'bob@example.com',
    oid: 'b0b00000-9a7e-4d21-b6c4-2e8d5f7a0002',
    roles: [adminRole],
  },
];

/** What the app is told about a provider with these users. */
export function settingsFor(issuer: string) {
  return {
    OIDC_DISCOVERY_URL: `${issuer}/.well-known/openid-configuration`,
    TOKEN_ISSUER: issuer,
    TENANT_ID: tenantId,
    TOKEN_AUDIENCES: apiResource,
    TOKEN_CLIENTS: clientId,
    TOKEN_SCOPE: apiScope,
    USERNAME_DOMAINS: 'EXAMPLE=example.com',
    USERNAME_DEFAULT_DOMAIN: 'example.com',
  };
}
