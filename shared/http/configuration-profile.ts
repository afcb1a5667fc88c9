import { hash } from 'node:crypto';
import type { MailServer, PortalSettings } from '../settings/portal-settings.ts';
import { escapeXml } from './xml.ts';

/** A value of a property list. */
type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** What a payload sets up, by the keys of its type. */
interface Payload {
  readonly type: string;
  readonly name: string;
  readonly keys: { readonly [key: string]: Value };
}

/**
 * The configuration profile that sets up an Apple device, as a property list in XML. It names nobody and holds no
 * password, so the device asks for both.
 *
 * @param deployment what tells this deployment from another one: the profile of the same replaces the one before
 * @see https://developer.apple.com/documentation/devicemanagement/toplevel
 */
export function configurationProfile(
  { organization, mailServers }: Pick<PortalSettings, 'organization' | 'mailServers'>,
  deployment: string,
): string {
  const identifier = `app-passwords.${uuid(deployment)}`;
  const profile = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuid(identifier),
    PayloadDisplayName: organization ?? 'Mail',
    ...(organization !== null && { PayloadOrganization: organization }),
    PayloadRemovalDisallowed: false,
    PayloadContent: payloads(mailServers, organization).map(({ type, name, keys }) => ({
      PayloadType: type,
      PayloadVersion: 1,
      PayloadIdentifier: `${identifier}.${type}`,
      PayloadUUID: uuid(`${identifier}.${type}`),
      PayloadDisplayName: name,
      ...keys,
    })),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">${element(profile)}</plist>
`;
}

/** Mail comes from one server, the first that is described, so that a device has it once. */
function payloads(servers: readonly MailServer[], organization: string | null): Payload[] {
  const first = (...protocols: readonly MailServer['protocol'][]) =>
    servers.find(({ protocol }) => protocols.includes(protocol));
  const [outgoing, calendars, contacts] = [first('smtp'), first('caldav'), first('carddav')];
  const incoming = outgoing ? first('imap', 'pop3', 'activesync') : first('activesync');
  const title = (server: MailServer) =>
    organization === null ? server.name : `${organization} ${server.name}`;
  const mail =
    incoming?.protocol === 'activesync'
      ? exchange(incoming, title(incoming), { calendars, contacts })
      : incoming && outgoing && mailbox(incoming, outgoing, title(incoming));
  return [
    mail,
    calendars && dav('CalDAV', calendars, title(calendars)),
    contacts && dav('CardDAV', contacts, title(contacts)),
  ].filter((payload) => payload !== undefined);
}

function mailbox(incoming: MailServer, outgoing: MailServer, name: string): Payload {
  return {
    type: 'com.apple.mail.managed',
    name,
    keys: {
      EmailAccountDescription: name,
      EmailAccountType: incoming.protocol === 'pop3' ? 'EmailTypePOP' : 'EmailTypeIMAP',
      ...mailServer('Incoming', incoming),
      ...mailServer('Outgoing', outgoing),
      OutgoingPasswordSameAsIncomingPassword: true,
    },
  };
}

/** Apple tells TLS from STARTTLS by the port. */
function mailServer(direction: 'Incoming' | 'Outgoing', { host, port, security }: MailServer) {
  return {
    [`${direction}MailServerAuthentication`]: 'EmailAuthPassword',
    [`${direction}MailServerHostName`]: host,
    [`${direction}MailServerPortNumber`]: port ?? 0,
    [`${direction}MailServerUseSSL`]: security !== null,
  };
}

/** Calendars and contacts that have a server of their own come from there. */
function exchange(
  { host }: MailServer,
  name: string,
  { calendars, contacts }: Record<'calendars' | 'contacts', MailServer | undefined>,
): Payload {
  return {
    type: 'com.apple.eas.account',
    name,
    keys: {
      Host: host,
      SSL: true,
      OAuth: false,
      EnableCalendars: calendars === undefined,
      EnableContacts: contacts === undefined,
    },
  };
}

function dav(kind: 'CalDAV' | 'CardDAV', { host }: MailServer, name: string): Payload {
  const url = new URL(host.includes('://') ? host : `https://${host}`);
  return {
    type: `com.apple.${kind.toLowerCase()}.account`,
    name,
    keys: {
      [`${kind}AccountDescription`]: name,
      [`${kind}HostName`]: url.hostname,
      [`${kind}Port`]: Number(url.port || 443),
      [`${kind}UseSSL`]: true,
      ...(url.pathname !== '/' && { [`${kind}PrincipalURL`]: url.href }),
    },
  };
}

/** A UUID of one's own making (RFC 9562 section 5.8), the same for the same text. */
function uuid(text: string): string {
  const bytes = Buffer.from(hash('sha256', text, 'hex').slice(0, 32), 'hex');
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @see the types of http://www.apple.com/DTDs/PropertyList-1.0.dtd */
function element(value: Value): string {
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (typeof value === 'number') return `<integer>${value}</integer>`;
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`;
  if (Array.isArray(value)) return `<array>${value.map(element).join('')}</array>`;
  const entries = Object.entries(value).map(([key, held]) => `<key>${escapeXml(key)}</key>${element(held)}`);
  return `<dict>${entries.join('')}</dict>`;
}
