import type { Change, RefusedAppPassword } from '../client/openapi.ts';
import { useRead } from '../client/use-read.ts';
import { Heading } from '../parts/heading.tsx';
import { Loading } from '../parts/loading.tsx';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';

/** What was done to a person's app passwords, and which sign-ins with them were refused. */
export function ActivityPage() {
  const { api } = useSession();
  const { text } = useText();
  const { answer, load } = useRead(api.activity);
  return (
    <>
      <Heading>{text.activityTitle}</Heading>
      {answer?.kind !== 'ok' ? (
        <Loading answer={answer} onTryAgain={load} />
      ) : (
        <>
          <h2>{text.refusalsTitle}</h2>
          {answer.value.refusals.length === 0 ? (
            <p>{text.noRefusals}</p>
          ) : (
            <>
              <p>{text.refusalsHelp}</p>
              <ul class="entries plain">
                {answer.value.refusals.map((refusals) => (
                  <Refused key={refusals.appPassword.id} refusals={refusals} />
                ))}
              </ul>
            </>
          )}
          <h2>{text.changesTitle}</h2>
          <Changes changes={answer.value.changes} by={text.by} />
        </>
      )}
      <p>
        <a href="#list">{text.back}</a>
      </p>
    </>
  );
}

function Refused({ refusals }: { refusals: RefusedAppPassword }) {
  const { text, date, moment, origin } = useText();
  const { appPassword, count, since, recent } = refusals;
  const { name, state, deletedAt } = appPassword;
  const last = recent[0];
  const now =
    state === 'deleted' && deletedAt !== null
      ? text.deletedOn(date(deletedAt))
      : (text.states[state] ?? text.otherState);
  return (
    <li>
      <p>{text.refused(name, now, count, date(since))}</p>
      {last && (
        <p>
          {text.lastRefused(moment(last.at), origin(last))}
          {state === 'active' && ` ${text.reasons[last.reason] ?? text.otherReason}`}
        </p>
      )}
    </li>
  );
}

/**
 * A list of changes.
 *
 * @param by what those are called who made them
 */
export function Changes({ changes, by }: { changes: readonly Change[]; by: Record<Change['by'], string> }) {
  const { text, moment } = useText();
  if (changes.length === 0) return <p>{text.noChanges}</p>;
  return (
    <ul class="entries plain">
      {changes.map(({ at, kind, by: who, appPassword, count }) => (
        <li key={`${at}${kind}${appPassword?.id}`}>
          <p>
            <strong>
              {text.changes[kind]?.(
                appPassword === null ? text.several(count) : text.quote(appPassword.name),
              ) ?? text.otherChange}
            </strong>
          </p>
          <p>{text.changed(moment(at), by[who] ?? text.somebodyElse)}</p>
        </li>
      ))}
    </ul>
  );
}
