import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Protocol } from '../../shared/domain/gateway/protocol.ts';
import { now } from '../client/clock.ts';
import type { Refusal } from '../client/openapi.ts';
import type { Text } from './languages/en.ts';

/** Where an app password was presented. */
type Origin = Pick<Refusal, 'protocol' | 'gateway' | 'clientAddress'>;

export interface Wording {
  readonly text: Text;
  /** As in BCP 47. */
  readonly language: string;
}

export const TextContext = createContext<Wording | undefined>(undefined);

/** What the protocols are called in every language. */
export const protocolNames: Readonly<Record<Protocol, string>> = {
  imap: 'IMAP',
  pop3: 'POP3',
  smtp: 'SMTP',
  sieve: 'Sieve',
  eas: 'ActiveSync',
  dav: 'CalDAV/CardDAV',
  radius: 'RADIUS',
  ldap: 'LDAP',
};

/** Units of time, the longest first, each with its seconds. */
const units = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const base = (tag: string) => tag.split('-')[0];

/**
 * The words of the chosen language, and how dates, moments (`medium` with seconds), numbers, lists, and where a device
 * signs in are written: as it is done in the region of the browser, where that has the language.
 */
export function useText() {
  const wording = useContext(TextContext);
  if (wording === undefined) throw new Error('There are no words here.');
  const { text, language } = wording;
  const locale = navigator.languages.find((tag) => base(tag) === base(language)) ?? language;
  const date = (iso: string) => new Date(iso).toLocaleDateString(locale, { dateStyle: 'medium' });
  const moment = (iso: string, timeStyle: 'short' | 'medium' = 'short') =>
    new Date(iso).toLocaleString(locale, { dateStyle: 'medium', timeStyle });
  /** As in "2 hours ago". */
  const ago = (iso: string) => {
    const seconds = Math.max(0, (now() - Date.parse(iso)) / 1000);
    const [unit, length] = units.find(([, most]) => seconds >= most) ?? (['second', 60] as const);
    // Up to a minute it is "now", as nobody wants to read a text that counts.
    const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    return format.format(-Math.floor(seconds / length), unit);
  };
  const list = (things: readonly string[]) => new Intl.ListFormat(locale).format(things);
  const number = (value: number) => new Intl.NumberFormat(locale).format(value);
  const origin = ({ protocol, gateway, clientAddress }: Origin) =>
    [protocol && protocolNames[protocol], text.gateway(gateway), clientAddress].filter(Boolean).join(', ');
  return { text, language, date, moment, ago, list, number, origin };
}
