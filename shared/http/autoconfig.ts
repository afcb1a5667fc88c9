import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { App } from '../composition.ts';
import type { MailServer, PortalSettings } from '../settings/portal-settings.ts';
import { deviceFile } from './device-file.ts';
import { escapeXml } from './xml.ts';

/** The address in the query changes nothing: what everybody gets tells nobody whether an address exists. */
export function answerAutoconfig(
  { portal, deviceSettings }: Pick<App, 'portal' | 'deviceSettings'>,
  request: HttpRequest,
): HttpResponseInit {
  const body = autoconfig(portal, deviceSettings.domains);
  const headers = { 'content-type': 'text/xml; charset=utf-8' };
  return deviceFile(request, body === undefined ? undefined : { body, headers });
}

/**
 * The settings of this deployment for a mail program, as XML (draft-ietf-mailmaint-autoconfig). They are the same for
 * everybody: a program puts in the address that it was given.
 *
 * @param domains of the addresses that it is for
 * @returns undefined where the deployment has no domain, or no server for mail that comes in or one for mail that goes out
 */
export function autoconfig(
  { organization, mailServers }: Pick<PortalSettings, 'organization' | 'mailServers'>,
  domains: readonly string[],
): string | undefined {
  const of = (...protocols: readonly MailServer['protocol'][]) =>
    mailServers.filter(({ protocol }) => protocols.includes(protocol));
  const [incoming, outgoing] = [of('imap', 'pop3'), of('smtp')];
  const [id] = domains;
  if (id === undefined || incoming.length === 0 || outgoing.length === 0) return undefined;
  const name = [...(organization ?? id)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.2">
  <emailProvider id="${escapeXml(id)}">
${domains.map((domain) => `    <domain>${escapeXml(domain)}</domain>`).join('\n')}
    <displayName>${escapeXml(name.slice(0, 60).join(''))}</displayName>
    <displayShortName>${escapeXml(name.slice(0, 20).join(''))}</displayShortName>
${[...incoming.map((it) => mailServer('incomingServer', it)), ...outgoing.map((it) => mailServer('outgoingServer', it))].join('\n')}
  </emailProvider>
${[...of('carddav').map((it) => davServer('addressbook', it)), ...of('caldav').map((it) => davServer('calendar', it))].join('\n')}
</clientConfig>
`;
}

function mailServer(element: string, { protocol, host, port, security }: MailServer): string {
  return `    <${element} type="${protocol}">
      <hostname>${escapeXml(host)}</hostname>
      <port>${port}</port>
      <socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${element}>`;
}

function davServer(element: string, { protocol, host }: MailServer): string {
  return `  <${element} type="${protocol}">
    <url>${escapeXml(host.includes('://') ? host : `https://${host}/`)}</url>
    <authentication system="http">basic</authentication>
    <username>%EMAILADDRESS%</username>
  </${element}>`;
}
