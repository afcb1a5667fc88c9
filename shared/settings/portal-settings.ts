import type { Settings } from './settings.ts';

/** What the page must know; anybody may read it. */
export interface PortalSettings {
  /** The identity provider (OpenID Connect Discovery 1.0 section 4). */
  readonly authority: string;
  readonly clientId: string;
  /** The scope of the API (RFC 6749 section 3.3). */
  readonly scope: string;
  /** What a person types into a device. */
  readonly mailServers: readonly MailServer[];
  /** Where else a person may have to go. */
  readonly links: Readonly<Record<Link, string>> & { readonly factorLost: string | null };
  readonly organization: string | null;
  readonly support: string | null;
  readonly logo: string | null;
  readonly profile: { readonly path: string; readonly isSigned: boolean } | null;
}
export interface MailServer { readonly protocol: 'imap'|'pop3'|'smtp'|'sieve'|'activesync'|'caldav'|'carddav'|'other'; readonly name: string; readonly host: string; readonly port: number | null; readonly security: 'tls' | 'starttls' | null }


export type Link = 'personal' | 'work' | 'azure' | 'unsure' | 'factor' | 'authenticator';

const usualLinks: Readonly<Record<Link, string>> = {
  personal: 'https://account.live.com/proofs/AppPassword',
  work: 'here',
  azure: 'here',
  unsure: 'here',
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
    mailServers: settings.PORTAL_MAIL_SERVERS.map(({name,address})=>({name,protocol:name==='SMTP'?'smtp':'imap',host:address.split(':')[0]??'',port:Number(address.split(':')[1])||null,security:'tls'})),
    organization: 'Example Ltd', support: 'mailto:help@example.com', logo: null, profile: {path:'/mail.mobileconfig',isSigned:false},
    links: { ...usualLinks, ...settings.PORTAL_LINKS, factorLost: null },
  };
}
