import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from '../client/api.ts';
import type { Activity, AppPassword, AppPasswordList, OwnPolicy } from '../client/openapi.ts';
import { Alert } from '../parts/dialog.tsx';
import { Loading } from '../parts/loading.tsx';
import { useSession } from '../sign-in/session.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { CreateDialog } from './create.tsx';
import { Details } from './details.tsx';
import { DeleteAllDialog, DeleteDialog, RenameDialog, ReviveDialog } from './dialogs.tsx';

/** From this number on there is a search. */
const many = 8;

/** So long, in milliseconds, a refusal is worth a line above the list. */
const recently = 7 * 86_400_000;

/**
 * A person's app passwords, and what can be done with them.
 *
 * @param open what is being done in a dialog
 */
export function ListPage({ open, onOpen }: { open: Errand | undefined; onOpen: (errand?: Errand) => void }) {
  const { api, takesOver } = useSession();
  const { text } = useText();
  const [answer, setAnswer] = useState<Answer<AppPasswordList>>();
  const [wasRefused, setRefused] = useState(false);
  const [policy, setPolicy] = useState<OwnPolicy>();
  const [activity, setActivity] = useState<Activity>();
  const top = useRef<HTMLElement>(null);

  const load = useCallback(async () => {
    // Without activity and policy the list is still of use.
    void api.activity().then((it) => it.kind === 'ok' && setActivity(it.value));
    const [next, allowed] = await Promise.all([api.list(), api.policy()]);
    if (takesOver(next, { kind: 'read' })) return;
    if (allowed.kind === 'ok') setPolicy(allowed.value);
    setAnswer(next);
  }, [api, takesOver]);
  useEffect(() => void load(), [load]);

  if (answer?.kind !== 'ok') return <Loading answer={answer} onTryAgain={load} />;

  const { appPasswords, limit, remaining } = answer.value;
  const mustDelete = wasRefused && remaining === 0;
  const close = async () => {
    onOpen();
    await load();
    // What opened the dialog may be gone with its app password.
    if (document.activeElement === document.body) top.current?.focus();
  };
  const create = () => {
    setRefused(remaining === 0);
    if (remaining > 0)
      onOpen({
        kind: 'create',
        name: '',
        lifetimeDays: null,
        protocols: null,
        idempotencyKey: crypto.randomUUID(),
      });
  };
  const mayCreate = policy?.mayCreate ?? true;
  const keepTop = (element: HTMLElement | null) => {
    top.current = element;
  };
  return (
    <>
      <div class="bar">
        <p>{text.used(appPasswords.length, limit)}</p>
        {mayCreate ? (
          <button type="button" class="main" ref={keepTop} onClick={create}>
            {text.create}
          </button>
        ) : (
          <p tabIndex={-1} ref={keepTop}>
            {text.problems['creation-denied']}
          </p>
        )}
      </div>
      {activity && <StillUsed activity={activity} />}
      {mustDelete && (
        <Alert>
          {text.limitReached(limit)} {text.unusedFirst}
        </Alert>
      )}
      {appPasswords.length === 0 ? (
        mayCreate && <p class="empty">{text.empty}</p>
      ) : (
        <Entries appPasswords={mustDelete ? unusedFirst(appPasswords) : appPasswords} onOpen={onOpen} />
      )}
      {appPasswords.length > 1 && (
        <button type="button" onClick={() => onOpen({ kind: 'delete-all' })}>
          {text.deleteAll}
        </button>
      )}
      {open && <Opened errand={open} list={answer.value} policy={policy} onClose={close} />}
    </>
  );
}

/** Leads to what was refused lately. */
function StillUsed({ activity }: { activity: Activity }) {
  const { text } = useText();
  const [newest, ...others] = activity.refusals.filter(({ recent: [last] }) =>
    last ? Date.parse(last.at) > Date.now() - recently : false,
  );
  if (newest === undefined) return null;
  return (
    <p>
      <a href="#activity">{text.stillUsed(newest.appPassword.name, others.length)}</a>
    </p>
  );
}

function Entries(properties: { appPasswords: readonly AppPassword[]; onOpen: (errand: Errand) => void }) {
  const { appPasswords, onOpen } = properties;
  const { text } = useText();
  const [search, setSearch] = useState('');
  const found = appPasswords.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <>
      {appPasswords.length >= many && (
        <>
          <label for="search">{text.search}</label>
          <input
            id="search"
            type="search"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
            autocomplete="off"
          />
        </>
      )}
      <p role="status">{found.length === 0 ? text.noneFound : ''}</p>
      <ul class="entries">
        {found.map((appPassword) => {
          const { id, name } = appPassword;
          return (
            <li key={id}>
              <h2>
                <bdi>{name}</bdi>
              </h2>
              <Details appPassword={appPassword} />
              <div class="actions">
                {appPassword.suspendedFor?.join() === 'idle' && (
                  <button
                    type="button"
                    aria-label={text.reviveOf(name)}
                    onClick={() => onOpen({ kind: 'revive', id })}
                  >
                    {text.revive}
                  </button>
                )}
                <button
                  type="button"
                  aria-label={text.renameOf(name)}
                  onClick={() => onOpen({ kind: 'rename', id, name })}
                >
                  {text.rename}
                </button>
                <button
                  type="button"
                  aria-label={text.deleteOf(name)}
                  onClick={() => onOpen({ kind: 'delete', id })}
                >
                  {text.delete}
                </button>
              </div>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The dialog of what was asked for; none, where the app password is not there any more. */
function Opened(properties: {
  errand: Errand;
  list: AppPasswordList;
  policy: OwnPolicy | undefined;
  onClose: () => void;
}) {
  const { errand, list, policy, onClose } = properties;
  const { appPasswords, limit } = list;
  const appPassword = 'id' in errand ? appPasswords.find(({ id }) => id === errand.id) : undefined;
  switch (errand.kind) {
    case 'create':
      return (
        <CreateDialog
          mayBeFirst={appPasswords.length === 0}
          limit={limit}
          policy={policy}
          name={errand.name}
          choice={{ lifetimeDays: errand.lifetimeDays, protocols: errand.protocols }}
          idempotencyKey={errand.idempotencyKey}
          onClose={onClose}
        />
      );
    case 'rename':
      return appPassword ? (
        <RenameDialog appPassword={appPassword} name={errand.name} onClose={onClose} />
      ) : null;
    case 'delete':
      return appPassword ? <DeleteDialog appPassword={appPassword} onClose={onClose} /> : null;
    case 'delete-all':
      return <DeleteAllDialog count={appPasswords.length} onClose={onClose} />;
    case 'revive':
      return appPassword ? <ReviveDialog appPassword={appPassword} onClose={onClose} /> : null;
    default:
      return null;
  }
}

/** Never used ones first, then by how long ago. */
function unusedFirst(appPasswords: readonly AppPassword[]): readonly AppPassword[] {
  const age = ({ createdAt, lastUsed }: AppPassword) =>
    `${lastUsed === null ? 0 : 1}${lastUsed?.at ?? createdAt}`;
  return appPasswords.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}
