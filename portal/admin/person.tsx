import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Changes } from '../app-passwords/activity.tsx';
import { Details } from '../app-passwords/details.tsx';
import type { DeletedAppPassword, Person, PersonsAppPassword, Refusal, Refusals } from '../client/openapi.ts';
import { useRead } from '../client/use-read.ts';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Loading } from '../parts/loading.tsx';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import type { PersonChange } from './api.ts';
import { useAdmin } from './use-admin.ts';

/** So many refusals are shown at first. */
const first = 20;

/**
 * All there is to know about a person, and for administrators what they can do.
 *
 * @param change what is being done in a dialog
 * @param isWithoutDirectory else the account and the username are the directory's to change
 */
export function PersonPart(properties: {
  person: string;
  change: PersonChange | undefined;
  isWithoutDirectory: boolean;
  onOpen: (errand?: Errand) => void;
}) {
  const { person, change, isWithoutDirectory, onOpen } = properties;
  const { api, words, role } = useAdmin();
  const isAdministrator = role === 'administrator';
  const { text, date } = useText();
  const read = useCallback(() => api.person(person), [api, person]);
  const { answer, load } = useRead(read, person);
  if (answer?.kind !== 'ok') return <Loading answer={answer} onTryAgain={load} />;

  const found = answer.value;
  const { username, account, registeredAt, limit, appPasswords, deleted, changes } = found;
  const ask = (next: PersonChange) => onOpen({ kind: 'admin-change', person, change: next });
  const close = async () => {
    onOpen({ kind: 'admin-read', person });
    await load();
  };
  return (
    <section>
      <Title>{username}</Title>
      <p>{account === 'enabled' ? words.enabled : words.disabled}</p>
      <p>{registeredAt === null ? words.notRegistered : words.registered(date(registeredAt))}</p>
      <p>{text.used(appPasswords.length, limit)}</p>
      {isAdministrator && (
        <div class="actions">
          {appPasswords.length > 0 && (
            <button type="button" class="dangerous" onClick={() => ask({ kind: 'delete-all' })}>
              {text.deleteAll}
            </button>
          )}
          {isWithoutDirectory && (
            <>
              <button
                type="button"
                onClick={() => ask({ kind: account === 'enabled' ? 'disable' : 'enable' })}
              >
                {account === 'enabled' ? words.disable : words.enable}
              </button>
              <button type="button" onClick={() => ask({ kind: 'username', username: '' })}>
                {words.setUsername}
              </button>
            </>
          )}
          <button type="button" class="dangerous" onClick={() => ask({ kind: 'erase' })}>
            {words.erase}
          </button>
        </div>
      )}
      <h3>{text.title}</h3>
      {appPasswords.length === 0 && <p>{words.none}</p>}
      <ul class="entries plain">
        {appPasswords.map((appPassword) => (
          <Entry key={appPassword.id} appPassword={appPassword}>
            {isAdministrator && <EntryActions appPassword={appPassword} onAsk={ask} />}
          </Entry>
        ))}
      </ul>
      <h3>{text.refusalsTitle}</h3>
      <RefusedLately person={found} />
      <h3>{words.deletedTitle}</h3>
      {deleted.length === 0 && <p>{words.none}</p>}
      <ul class="entries plain">
        {deleted.map((appPassword) => (
          <Deleted key={appPassword.id} appPassword={appPassword} />
        ))}
      </ul>
      <h3>{text.changesTitle}</h3>
      <Changes changes={changes} by={text.by} />
      {isAdministrator && change && (
        <ChangeDialog person={found} change={change} onClose={close} onErased={() => onOpen()} />
      )}
    </section>
  );
}

/** Takes the focus when the person appears, so that it is read out who was found. */
function Title({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 tabIndex={-1} ref={heading}>
      <bdi>{children}</bdi>
    </h2>
  );
}

function Entry(properties: { appPassword: PersonsAppPassword; children: ComponentChildren }) {
  const { appPassword, children } = properties;
  const { words } = useAdmin();
  const { moment, list } = useText();
  const { name, proof, refusals } = appPassword;
  return (
    <li>
      <h4>
        <bdi>{name}</bdi>
      </h4>
      <Details appPassword={appPassword} />
      {proof && (
        <p>
          {words.proof(list([...proof.amr, ...proof.acrs]))}{' '}
          {proof.authenticatedAt !== null && words.authenticated(moment(proof.authenticatedAt))}
        </p>
      )}
      <Count refusals={refusals} />
      {children}
    </li>
  );
}

function EntryActions(properties: { appPassword: PersonsAppPassword; onAsk: (it: PersonChange) => void }) {
  const { appPassword, onAsk } = properties;
  const { words } = useAdmin();
  const { text } = useText();
  const { id, name, state, suspendedFor = [] } = appPassword;
  const canResume = suspendedFor.includes('administrator') || suspendedFor.includes('restored');
  const canSuspend = state !== 'expired' && !suspendedFor.includes('administrator');
  return (
    <div class="actions">
      {canSuspend && (
        <button
          type="button"
          aria-label={words.suspendOf(name)}
          onClick={() => onAsk({ kind: 'suspend', id })}
        >
          {words.suspend}
        </button>
      )}
      {canResume && (
        <button type="button" aria-label={words.resumeOf(name)} onClick={() => onAsk({ kind: 'resume', id })}>
          {words.resume}
        </button>
      )}
      <button type="button" aria-label={text.deleteOf(name)} onClick={() => onAsk({ kind: 'delete', id })}>
        {text.delete}
      </button>
    </div>
  );
}

function Deleted({ appPassword }: { appPassword: DeletedAppPassword }) {
  const { words } = useAdmin();
  const { text, date, moment, origin } = useText();
  const { name, createdAt, deletedAt, lastUsed, refusals } = appPassword;
  return (
    <li>
      <h4>
        <bdi>{name}</bdi>
      </h4>
      <p>{text.created(date(createdAt))}</p>
      <p>{words.deleted(moment(deletedAt))}</p>
      <p>{lastUsed === null ? text.neverUsed : text.lastUsed(moment(lastUsed.at), origin(lastUsed))}</p>
      <Count refusals={refusals} />
    </li>
  );
}

function Count({ refusals }: { refusals: Refusals }) {
  const { words } = useAdmin();
  const { date } = useText();
  return refusals && <p>{words.refused(refusals.count, date(refusals.since))}</p>;
}

/** Every refusal that is known in detail, the newest first: why a device could not sign in at some moment. */
function RefusedLately({ person }: { person: Person }) {
  const { words } = useAdmin();
  const { text, moment, origin } = useText();
  const named = [...person.appPasswords, ...person.deleted].flatMap(({ name, refusals }) =>
    (refusals?.recent ?? []).map((refusal) => ({ ...refusal, name: text.quote(name) })),
  );
  const unknown = (person.refusals?.recent ?? []).map((refusal) => ({ ...refusal, name: words.unknown }));
  const all = [...named, ...unknown].toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const lines = (some: readonly (Refusal & { name: string })[]) => (
    <ul class="entries plain">
      {some.map((refusal, index) => (
        <li key={`${index}${refusal.at}`}>
          <p>
            <strong>{moment(refusal.at, 'medium')}</strong>: {refusal.name}
          </p>
          <p>{text.reasons[refusal.reason] ?? text.otherReason}</p>
          <p>{origin(refusal)}</p>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {person.refusals && (
        <>
          <p>{words.unknown}:</p>
          <Count refusals={person.refusals} />
        </>
      )}
      {all.length === 0 ? <p>{words.noRefusals}</p> : lines(all.slice(0, first))}
      {all.length > first && (
        <details>
          <summary>{words.older(all.length - first)}</summary>
          {lines(all.slice(first))}
        </details>
      )}
    </>
  );
}

/** Asks before a change, and makes it; nothing, where the app password is not there any more. */
function ChangeDialog(properties: {
  person: Person;
  change: PersonChange;
  onClose: () => void;
  onErased: () => void;
}) {
  const { person, change, onClose, onErased } = properties;
  const { api, words } = useAdmin();
  const { text } = useText();
  const [username, setUsername] = useState(change.kind === 'username' ? change.username : '');
  const [isErased, setErased] = useState(false);
  const about =
    'id' in change ? person.appPasswords.find(({ id }) => id === change.id)?.name : person.username;
  if (about === undefined) return null;
  const asked = change.kind === 'username' ? { ...change, username } : change;
  const act = async () => {
    const answer = await api.change(person.id, asked);
    if (answer.kind === 'ok') setErased(change.kind === 'erase');
    return answer;
  };
  const { kind } = change;
  return (
    <ConfirmDialog
      {...words.asks[kind](about, person.appPasswords.length)}
      isHarmless={kind === 'resume' || kind === 'enable'}
      errand={{ kind: 'admin-change', person: person.id, change: asked }}
      act={act}
      onClose={isErased ? onErased : onClose}
    >
      {(kind === 'username' || kind === 'erase') && (
        <>
          <label for="typed">{kind === 'erase' ? text.username : words.newUsername}</label>
          <input
            id="typed"
            value={username}
            onInput={({ currentTarget: field }) => {
              setUsername(field.value);
              if (kind === 'erase')
                field.setCustomValidity(field.value.trim() === person.username ? '' : words.notTheUsername);
            }}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
          />
        </>
      )}
    </ConfirmDialog>
  );
}
