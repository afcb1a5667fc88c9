import { tenantId } from '../local/identities.ts';

/**
 * Whole claim sets of access tokens, as Entra ID issues them (facts: which version has `appid` or `azp`, `amr` or `acrs`)
 * and as a provider by RFC 9068 does. Each takes changes; a claim that is undefined is left out.
 */
export type Claims = Record<string, unknown>;

/** The API's registration: its App ID URI is the audience of v1.0 tokens, its client id that of v2.0 tokens. */
export const apiUri = 'api://app-passwords';
export const apiId = 'c7a1be3e-0d2f-4a43-9d36-5c0f2f6a8e10';
/** The portal's registration. */
export const portalId = '0b8f6f0a-43ce-4b9c-8b0d-7d9f51a3c2e4';

const homeTenant = '91e2d7c4-6a0b-4e1f-8f7a-3c5d2b1a0f99';

export const v1Issuer = `https://sts.windows.net/${tenantId}/`;
export const v2Issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;

/** Seconds since the epoch. */
export const now = () => Math.floor(Date.now() / 1000);

const times = () => ({ iat: now() - 300, nbf: now() - 300, exp: now() + 3600 });

/** A member, in a v1.0 token with the optional claims `acct` and `auth_time`. */
export function v1Member(change: Claims = {}): Claims {
  return {
    aud: apiUri,
    iss: v1Issuer,
    ...times(),
    acct: 0,
    acr: '1',
    aio: 'AVQAq/8TAAAAvBx2hFJ0mQ4dK0TqYl3U8m0ZxR1nJ7c5wE9sP6uH2gA=',
    amr: ['pwd', 'mfa'],
    appid: portalId,
    appidacr: '0',
    auth_time: now() - 310,
    family_name: 'Example',
    given_name: 'Mona',
    ipaddr: '192.0.2.17',
    name: 'Mona Example',
    oid: '3f9a8d51-7b0c-4b62-a3b5-9c2f7e1d4a01',
    rh: '0.AXEAUgofXh18Dkudux9vDHorET6-occvDUNKnTZcDy9qjhABAAA.',
    scp: 'openid AppPasswords.Manage profile',
    sid: '2b1e7c3d-4f5a-4a6b-8c9d-0e1f2a3b4c5d',
    sub: 'Q0vB7s5mXx1nYd2rL8pKf4tJ6hGz3wEaVcUoRiNqTyM',
    tid: tenantId,
    unique_name: 'mona@example.com',
    upn: 'mona@example.com',
    uti: 'xJ2kLm4Np0qRsTuVwXyZAA',
    ver: '1.0',
    ...change,
  };
}

/** A guest from another tenant, whose name lies in the domain of this one. */
export function v1Guest(change: Claims = {}): Claims {
  return v1Member({
    acct: 1,
    email: 'gus@partner.example',
    family_name: 'Partner',
    given_name: 'Gus',
    idp: `https://sts.windows.net/${homeTenant}/`,
    name: 'Gus Partner',
    oid: '7c4e2b90-1d3f-4a58-b6c7-8e9f0a1b2c03',
    unique_name: 'gus@partner.example',
    upn: 'gus_partner.example#EXT#@example.com',
    ...change,
  });
}

/** A member, in a v2.0 token with the optional claims `acrs`, `auth_time` and `upn`; it has no `amr`. */
export function v2Member(change: Claims = {}): Claims {
  return {
    aud: apiId,
    iss: v2Issuer,
    ...times(),
    acrs: ['p1', 'c1'],
    aio: 'AWQAm/8XAAAAtTz7hWqT2d9k0sXo5pYvRj1cNf4uGb6lEiHaKy3wMQ==',
    auth_time: now() - 310,
    azp: portalId,
    azpacr: '0',
    name: 'Mona Example',
    oid: '3f9a8d51-7b0c-4b62-a3b5-9c2f7e1d4a01',
    preferred_username: 'mona@example.com',
    rh: '1.AXEAUgofXh18Dkudux9vDHorET6-occvDUNKnTZcDy9qjhABAAA.',
    scp: 'AppPasswords.Manage',
    sid: '2b1e7c3d-4f5a-4a6b-8c9d-0e1f2a3b4c5d',
    sub: 'Q0vB7s5mXx1nYd2rL8pKf4tJ6hGz3wEaVcUoRiNqTyM',
    tid: tenantId,
    upn: 'mona@example.com',
    uti: 'yK3lMn5Oq1rStUvWxYzABB',
    ver: '2.0',
    ...change,
  };
}

/** A program that signed in as itself: `roles` and no scope, and the optional claim `idtyp`. */
export function v1AppOnly(change: Claims = {}): Claims {
  return {
    aud: apiUri,
    iss: v1Issuer,
    ...times(),
    aio: 'k2RgYGhgYHBzOXlq9pWjT2Z4b5vOAgA=',
    appid: portalId,
    appidacr: '1',
    idp: v1Issuer,
    idtyp: 'app',
    oid: 'd2c3b4a5-9687-4f5e-8d6c-7b8a9f0e1d02',
    rh: '0.AXEAUgofXh18Dkudux9vDHorET6-occvDUNKnTZcDy9qjhABAAA.',
    roles: ['AppPasswords.Admin'],
    sub: 'd2c3b4a5-9687-4f5e-8d6c-7b8a9f0e1d02',
    tid: tenantId,
    uti: 'zL4mNo6Pr2sTuVwXyZaBCC',
    ver: '1.0',
    ...change,
  };
}

/** A member, as the local provider says it: RFC 9068 with `client_id`, `jti` and `scope`. */
export function localMember(issuer: string, change: Claims = {}): Claims {
  return {
    jti: 'pJ8kQmZ2vX4cB6nL0sD3f',
    sub: '3f9a8d51-7b0c-4b62-a3b5-9c2f7e1d4a01',
    tid: tenantId,
    oid: '3f9a8d51-7b0c-4b62-a3b5-9c2f7e1d4a01',
    upn: 'mona@example.com',
    amr: ['pwd', 'mfa'],
    auth_time: now() - 310,
    iat: now() - 300,
    exp: now() + 3300,
    scope: 'AppPasswords.Manage',
    client_id: portalId,
    iss: issuer,
    aud: apiUri,
    ...change,
  };
}
