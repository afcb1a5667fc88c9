import type { Settings } from './settings.ts';

/** What the page must know; anybody may read it. */
export interface PortalSettings {
  /** The identity provider (OpenID Connect Discovery 1.0 section 4). */
  readonly authority: string;
  readonly clientId: string;
  /** The scope of the API (RFC 6749 section 3.3). */
  readonly scope: string;
  /** What a person types into a device. */
  readonly mailServers: readonly { readonly name: string; readonly address: string }[];
  /** Where else a person may have to go. */
  readonly links: Readonly<Record<Link, string>>;
}

export type Link = 'personal' | 'work' | 'factor' | 'authenticator';

const usualLinks: Readonly<Record<Link, string>> = {
  personal: 'https://account.live.com/proofs/AppPassword',
  work: 'https://mysignins.microsoft.com/security-info',
  factor: 'https://mysignins.microsoft.com/security-info',
  authenticator: 'https://www.microsoft.com/security/mobile-authenticator-app',
};

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
  };
}
