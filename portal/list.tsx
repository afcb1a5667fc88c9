import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, AppPassword, List } from './api.ts';
import { DeleteAllDialog, DeleteDialog, RenameDialog } from './change.tsx';
import { CreateDialog } from './create.tsx';
import { Alert } from './dialog.tsx';
import { tell } from './failure.ts';
import { useSession } from './session.ts';
import type { Errand } from './sign-in.ts';
import { useText } from './text/text.ts';

/** From this number on there is a search. */
const many = 8;

/**
 * A person's app passwords, and what can be done with them.
 *
 * @param open what is being done in a dialog
 */
export function ListPage({ open, onOpen }: { open: Errand | undefined; onOpen: (errand?: Errand) => void }) {
  const { api, takesOver } = useSession();
  const { text } = useText();
  const [answer, setAnswer] = useState<Answer<List>>();
  const [wasRefused, setRefused] = useState(false);
  const createButton = useRef<HTMLButtonElement>(null);

  const load = useCallback(async () => {
    const next = await api.list();
    if (!takesOver(next, { kind: 'list' })) setAnswer(next);
  }, [api, takesOver]);
  useEffect(() => void load(), [load]);

  if (answer === undefined) return <p role="status">{text.loading}</p>;
  if (answer.kind !== 'ok') {
    if (answer.kind !== 'fault' && answer.kind !== 'problem') return null;
    return (
      <>
        <Alert>{tell(answer, text, false)}</Alert>
        <button type="button" class="main" onClick={load}>
          {text.tryAgain}
        </button>
      </>
    );
  }

  const { appPasswords, limit, remaining } = answer.value;
  const mustDelete = wasRefused && remaining === 0;
  const close = async () => {
    onOpen();
    await load();
    // What opened the dialog may be gone with its app password.
    if (document.activeElement === document.body) createButton.current?.focus();
  };
  const create = () => {
    setRefused(remaining === 0);
    if (remaining > 0) onOpen({ kind: 'create', name: '', idempotencyKey: crypto.randomUUID() });
  };
  return (
    <>
      <div class="bar">
        <p>{text.used(appPasswords.length, limit)}</p>
        <button type="button" class="main" ref={createButton} onClick={create}>
          {text.create}
        </button>
      </div>
      {mustDelete && (
        <Alert>
          {text.limitReached(limit)} {text.unusedFirst}
        </Alert>
      )}
      {appPasswords.length === 0 ? (
        <p class="empty">{text.empty}</p>
      ) : (
        <Entries appPasswords={mustDelete ? unusedFirst(appPasswords) : appPasswords} onOpen={onOpen} />
      )}
      {appPasswords.length > 1 && (
        <button type="button" onClick={() => onOpen({ kind: 'delete-all' })}>
          {text.deleteAll}
        </button>
      )}
      {open && <Opened errand={open} list={answer.value} onClose={close} />}
    </>
  );
}

function Entries(properties: { appPasswords: readonly AppPassword[]; onOpen: (errand: Errand) => void }) {
  const { appPasswords, onOpen } = properties;
  const { text, date } = useText();
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
        {found.map(({ id, name, createdAt, lastUsed, state }) => (
          <li key={id}>
            <h2>
              <bdi>{name}</bdi>
            </h2>
            <p>{text.created(date(createdAt))}</p>
            <p>{lastUsed === null ? text.neverUsed : text.lastUsed(date(lastUsed.at), lastUsed.protocol)}</p>
            {state !== 'active' && <p>{text[state]}</p>}
            <div class="actions">
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
        ))}
      </ul>
    </>
  );
}

/** The dialog of what was asked for; none, where the app password is not there any more. */
function Opened({ errand, list, onClose }: { errand: Errand; list: List; onClose: () => void }) {
  const { appPasswords, limit } = list;
  const appPassword = 'id' in errand ? appPasswords.find(({ id }) => id === errand.id) : undefined;
  switch (errand.kind) {
    case 'create':
      return (
        <CreateDialog
          mayBeFirst={appPasswords.length === 0}
          limit={limit}
          name={errand.name}
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
    case 'list':
      return null;
  }
}

/** Never used ones first, then by how long ago. */
function unusedFirst(appPasswords: readonly AppPassword[]): readonly AppPassword[] {
  const age = ({ createdAt, lastUsed }: AppPassword) =>
    `${lastUsed === null ? 0 : 1}${lastUsed?.at ?? createdAt}`;
  return appPasswords.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}
