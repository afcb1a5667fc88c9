import type { AppPassword } from '../client/openapi.ts';
import { protocolNames, useText } from '../text/text.ts';

/** What there is to say about an app password, a line each. */
export function Details({ appPassword }: { appPassword: AppPassword }) {
  const { createdAt, expiresAt, protocols, lastUsed, state, suspendedFor = [] } = appPassword;
  const { text, date, moment, list, origin } = useText();
  const lines = [
    ...suspendedFor.map((reason) => text.suspendedFor[reason] ?? text.otherReasonPaused),
    ...(state === 'expired' && expiresAt !== null ? [text.expiredOn(moment(expiresAt))] : []),
    ...(protocols?.length === 0 ? [text.forNone] : []),
    lastUsed === null ? text.neverUsedHelp : text.lastUsed(moment(lastUsed.at), origin(lastUsed)),
    ...(state === 'expired'
      ? []
      : [expiresAt === null ? text.expiresNever : text.expiresOn(moment(expiresAt))]),
    ...(protocols?.length ? [text.onlyFor(list(protocols.map((each) => protocolNames[each])))] : []),
    text.created(date(createdAt)),
  ];
  return lines.map((line) => <p key={line}>{line}</p>);
}
