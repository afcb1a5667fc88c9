import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Protocol } from '../../shared/domain/gateway/protocol.ts';
import type { Refusal } from '../client/openapi.ts';
import { en, type Text } from './en.ts';
import { nl } from './nl.ts';

/** Where an app password was presented. */
type Origin = Pick<Refusal, 'protocol' | 'gateway' | 'clientAddress'>;

export const languages = { en, nl } as const;

export type Language = keyof typeof languages;

const kept = 'language';

/** The language that was chosen here before, or else that of the browser. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(kept) ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is Language => tag in languages) ?? 'en';
}

/** Keeps the choice of a language for the next visit. */
export function keepLanguage(language: Language): void {
  localStorage.setItem(kept, language);
}

export const TextContext = createContext<{ readonly text: Text; readonly language: Language }>({
  text: en,
  language: 'en',
});

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

/**
 * The words of the chosen language, and how it writes dates, moments (`medium` with seconds), a list of things, and
 * where a device signs in.
 */
export function useText() {
  const { text, language } = useContext(TextContext);
  const date = (iso: string) => new Date(iso).toLocaleDateString(language, { dateStyle: 'medium' });
  const moment = (iso: string, timeStyle: 'short' | 'medium' = 'short') =>
    new Date(iso).toLocaleString(language, { dateStyle: 'medium', timeStyle });
  const list = (things: readonly string[]) => new Intl.ListFormat(language).format(things);
  const origin = ({ protocol, gateway, clientAddress }: Origin) =>
    [protocol && protocolNames[protocol], text.gateway(gateway), clientAddress].filter(Boolean).join(', ');
  return { text, language, date, moment, list, origin };
}
