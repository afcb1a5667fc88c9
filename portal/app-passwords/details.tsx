import type { AppPassword } from '../client/openapi.ts';
import { protocolNames, useText } from '../text/text.ts';

/** What there is to say about an app password, a line each. */
export function Details({ appPassword }: { appPassword: AppPassword }) {
  const { createdAt, expiresAt, protocols, lastUsed, state, suspendedFor = [] } = appPassword;
  const { text, date, moment, list, origin } = useText();
  return (
    <>
      <p>{text.created(date(createdAt))}</p>
      {expiresAt !== null && (
        <p>{state === 'expired' ? text.expiredOn(moment(expiresAt)) : text.worksUntil(moment(expiresAt))}</p>
      )}
      {protocols !== null && (
        <p>
          {protocols.length === 0
            ? text.forNone
            : text.onlyFor(list(protocols.map((protocol) => protocolNames[protocol])))}
        </p>
      )}
      <p>{lastUsed === null ? text.neverUsed : text.lastUsed(moment(lastUsed.at), origin(lastUsed))}</p>
      {state === 'suspended' && <p>{text.suspended}</p>}
      {suspendedFor.map((reason) => (
        <p key={reason}>{text.suspendedFor[reason]}</p>
      ))}
    </>
  );
}
