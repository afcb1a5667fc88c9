import { asciiDomain } from '../domain/username/username.ts';

/** A service that devices use, as PORTAL_MAIL_SERVERS describes it. */
export interface MailServer {
  readonly protocol: 'imap' | 'pop3' | 'smtp' | 'sieve' | 'activesync' | 'caldav' | 'carddav' | 'other';
  /** What the operator calls it. */
  readonly name: string;
  /** The host; for DAV an https URL where one was given, and for `other` the address as it was. */
  readonly host: string;
  /** Null where the protocol is not one of mail. */
  readonly port: number | null;
  readonly security: 'tls' | 'starttls' | null;
}

type Protocol = MailServer['protocol'];
type Address = Pick<MailServer, 'host' | 'port' | 'security'>;
type Ports = Partial<Record<'tls' | 'starttls', number>>;

/** The usual port of each kind of TLS; the first kind is the usual one (RFC 8314 section 3, RFC 5804 section 1.8). */
const mailPorts: Partial<Record<Protocol, Ports>> = {
  imap: { tls: 993, starttls: 143 },
  pop3: { tls: 995, starttls: 110 },
  smtp: { tls: 465, starttls: 587 },
  sieve: { starttls: 4190 },
};

const protocols: readonly Protocol[] = ['imap', 'pop3', 'smtp', 'sieve', 'activesync', 'caldav', 'carddav'];

/**
 * Reads one entry of PORTAL_MAIL_SERVERS, `NAME=ADDRESS`.
 *
 * @returns undefined for what is none: no host of that protocol, or a port that does not say its kind of TLS
 */
export function parseMailServer(entry: string): MailServer | undefined {
  const [, name = '', address = ''] = /^([^=]*[^=\s])\s*=\s*(.+)$/s.exec(entry.trim()) ?? [];
  if (name === '') return undefined;
  const protocol = protocols.find((one) => one === name.toLowerCase()) ?? 'other';
  const parsed = parseAddress(protocol, address);
  return parsed && { protocol, name, ...parsed };
}

/** Whether an Apple device can be set up with these: mail goes in and out, or there is something beside it. */
export function isForApple(servers: readonly MailServer[]): boolean {
  const has = (protocol: Protocol) => servers.some((server) => server.protocol === protocol);
  const hasMail = (has('imap') || has('pop3')) && has('smtp');
  return hasMail || has('activesync') || has('caldav') || has('carddav');
}

function parseAddress(protocol: Protocol, address: string): Address | undefined {
  if (protocol === 'other') return { host: address, port: null, security: null };
  const ports = mailPorts[protocol];
  if (ports !== undefined) return parseMailAddress(address, ports);
  const isUrl = protocol !== 'activesync' && isWebAddress(address);
  const host = isUrl ? address : hostIn(address);
  return host === undefined ? undefined : { host, port: null, security: null };
}

/** `host`, `host:port`, `host/tls`, `host:port/starttls`. */
function parseMailAddress(address: string, ports: Ports): Address | undefined {
  const [, name = '', number, kind] = /^([^:/]+)(?::(\d{1,5}))?(?:\/(tls|starttls))?$/i.exec(address) ?? [];
  const host = hostIn(name);
  const kinds = Object.keys(ports) as (keyof Ports)[];
  const usual = number === undefined ? kinds[0] : kinds.find((one) => ports[one] === Number(number));
  const security = (kind?.toLowerCase() as keyof Ports | undefined) ?? usual;
  const port = number === undefined ? security && ports[security] : Number(number);
  if (host === undefined || security === undefined || !port || port > 65_535) return undefined;
  return { host, port, security };
}

function isWebAddress(text: string): boolean {
  return /^https:\/\/[^\s@#]+$/i.test(text) && URL.canParse(text);
}

/** A host as DNS knows it, or an IPv4 address. */
function hostIn(text: string): string | undefined {
  const host = asciiDomain(text.toLowerCase());
  return host !== undefined && /^[a-z\d-]+(\.[a-z\d-]+)*$/.test(host) ? host : undefined;
}
