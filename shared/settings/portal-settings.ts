import { isForApple, type MailServer } from './mail-servers.ts';
import type { Settings } from './settings.ts';

export type { MailServer } from './mail-servers.ts';

/** What the page must know; anybody may read it. */
export interface PortalSettings {
  /** The identity provider (OpenID Connect Discovery 1.0 section 4). */
  readonly authority: string;
  readonly clientId: string;
  /** The scope of the API (RFC 6749 section 3.3). */
  readonly scope: string;
  /** What a person types into a device. */
  readonly mailServers: readonly MailServer[];
  /** Where else a person may have to go: an address, or `here`, which is this page. */
  readonly links: Readonly<Record<Link, string>> & {
    /** Where to go when the second factor itself is lost. */
    readonly factorLost: string | null;
  };
  /** Whose page this is. */
  readonly organization: string | null;
  /** Where people get help: a `mailto:`, `tel:` or `https:` address. */
  readonly support: string | null;
  /** The path of the organization's logo. */
  readonly logo: string | null;
  /** The configuration profile for Apple's devices; null where it would set up nothing. */
  readonly profile: { readonly path: string; readonly isSigned: boolean } | null;
}

type Link = 'personal' | 'work' | 'azure' | 'unsure' | 'factor' | 'authenticator';

/** Whoever can sign in here has an account for work or school, whose app passwords are made here. */
const usualLinks: PortalSettings['links'] = {
  personal: 'https://account.live.com/proofs/AppPassword',
  work: 'here',
  azure: 'here',
  unsure: 'here',
  factor: 'https://mysignins.microsoft.com/security-info',
  authenticator: 'https://www.microsoft.com/security/mobile-authenticator-app',
  factorLost: null,
};

/** Where the configuration profile is. */
const profilePath = '/mail.mobileconfig';

/** What files for devices need beside what the page knows. */
export interface DeviceSettings {
  /** The domains of people's addresses, the usual one first. */
  readonly domains: readonly string[];
  /** Tells this deployment from another one. */
  readonly deployment: string;
}

export function deviceSettings(settings: Settings): DeviceSettings {
  const usual = settings.USERNAME_DEFAULT_DOMAIN;
  const accepted = settings.USERNAME_DOMAINS.map(({ domain }) => domain);
  return {
    domains: [...new Set([...(usual === undefined ? [] : [usual]), ...accepted])],
    deployment: `${settings.TENANT_ID} ${settings.TOKEN_AUDIENCES[0]}`,
  };
}

/** The page's part of the settings. */
export function portalSettings(settings: Settings): PortalSettings {
  return {
    authority:
      settings.PORTAL_AUTHORITY ??
      settings.OIDC_DISCOVERY_URL.replace(/\/\.well-known\/openid-configuration$/, ''),
    clientId: settings.PORTAL_CLIENT_ID ?? settings.TOKEN_CLIENTS[0] ?? '',
    scope: settings.PORTAL_SCOPE ?? settings.TOKEN_SCOPE,
    mailServers: settings.PORTAL_MAIL_SERVERS,
    links: { ...usualLinks, ...settings.PORTAL_LINKS },
    organization: settings.PORTAL_ORGANIZATION ?? null,
    support: settings.PORTAL_SUPPORT ?? null,
    logo: settings.PORTAL_LOGO === undefined ? null : `/assets/${settings.PORTAL_LOGO}`,
    profile: isForApple(settings.PORTAL_MAIL_SERVERS)
      ? { path: profilePath, isSigned: settings.PORTAL_PROFILE_CERTIFICATE !== undefined }
      : null,
  };
}
