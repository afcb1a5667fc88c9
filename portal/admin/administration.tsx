import { useState } from 'preact/hooks';
import type { Directory } from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { useRead } from '../client/use-read.ts';
import { Alert } from '../parts/dialog.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading } from '../parts/loading.tsx';
import { Words } from '../parts/words.tsx';
import type { Errand } from '../sign-in/sign-in.ts';
import { TextContext, useText } from '../text/text.ts';
import { PersonPart } from './person.tsx';
import { PolicyPart } from './policy.tsx';
import { ReportPart } from './report.tsx';
import { useAdmin } from './use-admin.ts';

interface Opening {
  /** What is being done. */
  readonly open: Errand | undefined;
  readonly onOpen: (errand?: Errand) => void;
}

/** The administrators' part of the page. */
export function AdminPage({ view, open, onOpen }: Opening & { view: string }) {
  const { text, language } = useText();
  const { words, role } = useAdmin();
  const views = [
    { hash: '#admin', title: words.peopleTitle },
    { hash: '#admin-policy', title: words.policyTitle },
    { hash: '#admin-report', title: words.reportTitle },
  ];
  return (
    <TextContext.Provider value={{ text: { ...text, ...words.instead }, language }}>
      <Heading>{text.adminTitle}</Heading>
      <nav class="tabs" aria-label={text.adminTitle}>
        {views.map(({ hash, title }) => (
          <a key={hash} href={hash} aria-current={hash === view ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {role === 'helpdesk' && <p>{words.onlyLooking}</p>}
      {view === '#admin-policy' ? (
        <PolicyPart kept={open?.kind === 'admin-policy' ? open : undefined} />
      ) : view === '#admin-report' ? (
        <ReportPart />
      ) : (
        <PeoplePart open={open} onOpen={onOpen} />
      )}
      <p>
        <a href="#list">{text.back}</a>
      </p>
    </TextContext.Provider>
  );
}

/** Finds a person; the username is kept nowhere, only the immutable id. */
function PeoplePart({ open, onOpen }: Opening) {
  const { api, words } = useAdmin();
  const { text } = useText();
  const { answer: directory, load } = useRead(api.directory);
  const [username, setUsername] = useState('');
  const [isNobody, setNobody] = useState(false);
  const { isBusy, failure, attempt } = useChange({
    act: find,
    errand: { kind: 'read' },
    onDone(person: string | undefined) {
      setNobody(person === undefined);
      onOpen(person === undefined ? undefined : { kind: 'admin-read', person });
    },
  });

  async function find() {
    const found = await api.find(username);
    if (found.kind === 'ok') return { ...found, value: found.value.id };
    const isUnknown = found.kind === 'problem' && found.slug === 'not-found';
    return isUnknown ? { kind: 'ok' as const, value: undefined } : found;
  }

  const opened = open?.kind === 'admin-read' || open?.kind === 'admin-change' ? open : undefined;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt();
        }}
      >
        <label for="username">{text.username}</label>
        <input
          id="username"
          value={username}
          onInput={(event) => setUsername(event.currentTarget.value)}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          required
        />
        <div class="actions">
          <button type="submit" class="main" aria-busy={isBusy}>
            <Words>{isBusy ? text.loading : words.find}</Words>
          </button>
        </div>
        <p role="status">{isNobody ? words.nobody : ''}</p>
        {failure && <Alert>{failure.words}</Alert>}
      </form>
      {opened && (
        <PersonPart
          key={opened.person}
          person={opened.person}
          change={opened.kind === 'admin-change' ? opened.change : undefined}
          isWithoutDirectory={directory?.kind === 'ok' && !directory.value.configured}
          onOpen={onOpen}
        />
      )}
      <h2>{words.directoryTitle}</h2>
      {directory?.kind === 'ok' ? (
        <DirectoryState directory={directory.value} />
      ) : (
        <Loading answer={directory} onTryAgain={load} />
      )}
    </>
  );
}

function DirectoryState({ directory }: { directory: Directory }) {
  const { words } = useAdmin();
  const { moment } = useText();
  const { configured, lastSuccessAt, isCheckingEverybody } = directory;
  if (!configured) return <p>{words.noDirectory}</p>;
  return (
    <>
      <p>{lastSuccessAt === null ? words.directoryNever : words.directoryAt(moment(lastSuccessAt))}</p>
      {isCheckingEverybody && <p>{words.directoryChecking}</p>}
    </>
  );
}
