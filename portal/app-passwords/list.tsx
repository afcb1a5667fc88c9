import { useState } from 'preact/hooks';
import type { Activity, AppPassword, AppPasswordList, OwnPolicy } from '../client/openapi.ts';
import { useList } from '../client/use-list.ts';
import { usePolling } from '../client/use-polling.ts';
import { Alert } from '../parts/dialog.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading } from '../parts/loading.tsx';
import { Words } from '../parts/words.tsx';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { isRecent } from './badge.tsx';
import { CreateDialog } from './create.tsx';
import { DeleteAllDialog, DeleteDialog, RenameDialog, ReviveDialog } from './dialogs.tsx';
import { Entry } from './entry.tsx';
import { type FirstSignIn, useFirstSignIn, type Watched } from './first-sign-in.ts';
import { forgetCreation, leftBehindAmong } from './left-behind.ts';
import { useNextFocus } from './next-focus.ts';
import { isUnused, matches, type Order, orders, sorted } from './order.ts';

/** From this number on there is a search, an order and a filter. */
const many = 8;

/** After so long, in milliseconds, the list is read again by itself. */
const often = 60_000;

/**
 * A person's app passwords, and what can be done with them.
 *
 * @param open what is being done in a dialog
 */
export function ListPage({ open, onOpen }: { open: Errand | undefined; onOpen: (errand?: Errand) => void }) {
  const { text } = useText();
  const { answer, policy, activity, load, refresh } = useList();
  const [wasRefused, setRefused] = useState(false);
  const [said, setSaid] = useState('');
  const [watched, setWatched] = useState<Watched>();
  const { top, moveFocus } = useNextFocus(open === undefined);
  const appPasswords = answer?.kind === 'ok' ? answer.value.appPasswords : [];
  const firstSignIn = useFirstSignIn(watched, appPasswords, refresh);
  usePolling(answer?.kind === 'ok' && open === undefined ? refresh : undefined, often);

  if (answer?.kind !== 'ok')
    return (
      <>
        <Heading>{text.listTitle}</Heading>
        <Loading answer={answer} onTryAgain={load} />
      </>
    );

  const { limit, remaining } = answer.value;
  const mustDelete = wasRefused && remaining === 0;
  const leftBehind = open === undefined ? leftBehindAmong(appPasswords) : undefined;
  const close = async (words = '') => {
    if (words !== '') moveFocus(open);
    setSaid(words);
    if (words !== '' && firstSignIn === 'done') setWatched(undefined);
    onOpen();
    await load();
  };
  const create = () => {
    setRefused(remaining === 0);
    setSaid('');
    setWatched(undefined);
    if (remaining > 0)
      onOpen({
        kind: 'create',
        device: null,
        name: '',
        lifetimeDays: null,
        protocols: null,
        idempotencyKey: newKey(),
      });
  };
  const mayCreate = policy?.mayCreate ?? true;
  const keepTop = (element: HTMLElement | null) => {
    top.current = element;
  };
  const signedIn = watched && firstSignIn === 'done' ? text.signedInNow(watched.name) : '';
  return (
    <>
      <Heading>{text.listTitle}</Heading>
      <div class="bar">
        <p>
          <Words>{text.used(appPasswords.length, limit)}</Words>
        </p>
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
      <p role="status" class="said">
        {open === undefined && <Words>{signedIn || said}</Words>}
      </p>
      {leftBehind && (
        <LeftBehind
          appPassword={leftBehind}
          onDelete={() => onOpen({ kind: 'delete', id: leftBehind.id })}
          onKeep={() => {
            forgetCreation();
            setSaid(' ');
          }}
        />
      )}
      {activity && <StillTried activity={activity} />}
      {mustDelete && (
        <Alert>
          {text.limitReached(limit)} {text.unusedFirst}
        </Alert>
      )}
      {appPasswords.length === 0 ? (
        mayCreate && <p class="empty">{text.empty}</p>
      ) : (
        <Entries {...{ appPasswords, activity, mustDelete, onOpen }} />
      )}
      {appPasswords.length > 1 && (
        <button type="button" class="dangerous" onClick={() => onOpen({ kind: 'delete-all' })}>
          {text.deleteAll}
        </button>
      )}
      {open && (
        <Opened
          errand={open}
          list={answer.value}
          {...{ policy, firstSignIn }}
          onCreated={({ id, name }) => setWatched({ id, name, since: performance.now() })}
          onClose={close}
        />
      )}
    </>
  );
}

/** An Idempotency-Key: a UUID of version 4 (RFC 9562 section 5.4); older browsers have no `randomUUID`. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-a$4-');
}

/** Offers to delete what was made, and whose password nobody has. */
function LeftBehind(properties: { appPassword: AppPassword; onDelete: () => void; onKeep: () => void }) {
  const { appPassword, onDelete, onKeep } = properties;
  const { text } = useText();
  return (
    <div class="notice">
      <Alert>{text.leftBehind(appPassword.name)}</Alert>
      <div class="actions">
        <button type="button" class="danger" onClick={onDelete}>
          {text.delete}
        </button>
        <button type="button" onClick={onKeep}>
          {text.keep}
        </button>
      </div>
    </div>
  );
}

/** Leads to what does not work and is still tried. */
function StillTried({ activity }: { activity: Activity }) {
  const { text } = useText();
  const [newest, ...others] = activity.refusals.filter(
    ({ appPassword, recent: [last] }) => appPassword.state !== 'active' && isRecent(last?.at),
  );
  if (newest === undefined) return null;
  return (
    <p>
      <a href="#activity">{text.stillTried(newest.appPassword.name, others.length)}</a>
    </p>
  );
}

function Entries(properties: {
  appPasswords: readonly AppPassword[];
  activity: Activity | undefined;
  /** Whether one has to go before another can come: then those that look unused are first. */
  mustDelete: boolean;
  onOpen: (errand: Errand) => void;
}) {
  const { appPasswords, activity, mustDelete, onOpen } = properties;
  const { text, language } = useText();
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<Order>('created');
  const [isOnlyUnused, setOnlyUnused] = useState(false);
  const found = appPasswords.filter(
    (each) => matches(each.name, search) && (!isOnlyUnused || isUnused(each)),
  );
  const shown = sorted(found, mustDelete ? 'unused' : order, language);
  return (
    <>
      {appPasswords.length >= many && (
        <div class="finder">
          <p>
            <label for="search">{text.search}</label>
            <input
              id="search"
              type="search"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
              autocomplete="off"
            />
          </p>
          <p>
            <label for="order">{text.sort}</label>
            <select
              id="order"
              value={order}
              onChange={({ currentTarget: { value } }) => setOrder(value as Order)}
            >
              {orders.map((each) => (
                <option key={each} value={each}>
                  {text.sorts[each]}
                </option>
              ))}
            </select>
          </p>
          <label class="check">
            <input
              type="checkbox"
              checked={isOnlyUnused}
              onChange={({ currentTarget: { checked } }) => setOnlyUnused(checked)}
            />
            {text.onlyUnused}
          </label>
        </div>
      )}
      <p role="status">{found.length === 0 && <span>{text.noneFound}</span>}</p>
      <ul class="entries">
        {shown.map((appPassword) => (
          <Entry key={appPassword.id} {...{ appPassword, activity, onOpen }} />
        ))}
      </ul>
    </>
  );
}

/** The dialog of what was asked for; none, where the app password is not there any more. */
function Opened(properties: {
  errand: Errand;
  list: AppPasswordList;
  policy: OwnPolicy | undefined;
  firstSignIn: FirstSignIn | undefined;
  onCreated: (appPassword: AppPassword) => void;
  /** @param said what to say of it afterwards */
  onClose: (said?: string) => Promise<void>;
}) {
  const { errand, list, policy, firstSignIn, onCreated, onClose } = properties;
  const { appPasswords } = list;
  const appPassword = 'id' in errand ? appPasswords.find(({ id }) => id === errand.id) : undefined;
  switch (errand.kind) {
    case 'create':
      return <CreateDialog {...{ errand, list, policy, firstSignIn, onCreated }} onClose={() => onClose()} />;
    case 'rename':
      return appPassword ? (
        <RenameDialog appPassword={appPassword} name={errand.name} onClose={() => onClose()} />
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
