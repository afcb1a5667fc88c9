import { useRef, useState } from 'preact/hooks';
import type { Created } from './api.ts';
import { Alert, Dialog } from './dialog.tsx';
import { tell } from './failure.ts';
import { useSession } from './session.ts';
import { useText } from './text/text.ts';

/**
 * Makes an app password: asks for a name, and shows the password once.
 *
 * @param mayBeFirst whether it may be the one that is handed out on registration
 */
export function CreateDialog(properties: {
  mayBeFirst: boolean;
  limit: number;
  name: string;
  idempotencyKey: string;
  onClose: () => void;
}) {
  const { mayBeFirst, limit, idempotencyKey, onClose } = properties;
  const { api, takesOver } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const [created, setCreated] = useState<Created>();
  const field = useRef<HTMLInputElement>(null);
  const [isRegistration, setRegistration] = useState(false);
  if (created !== undefined) return <Shown {...{ created, isRegistration, onClose }} />;

  /** The key is the same however often it is tried, so that one password at most comes of it. */
  async function make(wanted: string) {
    if (mayBeFirst) {
      const first = await api.register(wanted, idempotencyKey);
      if (first.kind !== 'ok') return first;
      if ('password' in first.value) {
        setRegistration(true);
        return { kind: 'ok', value: first.value } as const;
      }
    }
    return api.create(wanted, idempotencyKey);
  }

  async function submit(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const answer = await make(name);
    if (takesOver(answer, { kind: 'create', name, idempotencyKey })) return;
    setBusy(false);
    if (answer.kind === 'ok') setCreated(answer.value);
    else if (answer.kind === 'fault' || answer.kind === 'problem')
      setFailure(tell(answer, text, true, limit));
  }

  return (
    <Dialog title={text.createTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <label for="name">{text.name}</label>
        <p class="hint" id="name-hint">
          {text.nameHint}
        </p>
        <input
          id="name"
          ref={field}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          aria-describedby="name-hint"
          autocomplete="off"
          required
          maxlength={128}
          autofocus
        />
        <div class="suggestions">
          {text.suggestions.map((suggestion) => (
            <button
              key={suggestion}
              type="button"
              class="chip"
              onClick={() => {
                setName(suggestion);
                field.current?.focus();
              }}
            >
              {suggestion}
            </button>
          ))}
        </div>
        {failure !== '' && <Alert>{failure}</Alert>}
        <div class="actions">
          <button type="submit" class="main" aria-busy={isBusy}>
            {isBusy ? text.loading : failure === '' ? text.next : text.tryAgain}
          </button>
          <button type="button" onClick={onClose}>
            {text.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The password, this once. It leaves the page when the dialog closes. */
function Shown(properties: { created: Created; isRegistration: boolean; onClose: () => void }) {
  const { created, isRegistration, onClose } = properties;
  const { settings, username } = useSession();
  const { text } = useText();
  const [copied, setCopied] = useState<'not' | 'done' | 'failed'>('not');
  const [isAsking, setAsking] = useState(false);
  const close = () => (copied === 'done' || isAsking ? onClose() : setAsking(true));
  const copy = () =>
    navigator.clipboard.writeText(created.password).then(
      () => setCopied('done'),
      () => setCopied('failed'),
    );

  return (
    <Dialog title={isRegistration ? text.firstPassword : text.password} onClose={close}>
      <p>{text.passwordIntro(created.name)}</p>
      <p class="password" translate={false}>
        {created.password.split('-').map((group, index) => (
          <span key={`${index}${group}`}>{index === 4 ? group : `${group}-`}</span>
        ))}
      </p>
      <button type="button" class="main wide" onClick={copy}>
        {copied === 'done' ? `✓ ${text.copied}` : text.copy}
      </button>
      <p role="status" class="hint">
        {copied === 'done' ? text.copied : copied === 'failed' ? text.copyFailed : ''}
      </p>
      <p>
        <strong>{text.once}</strong>
      </p>
      <p>{text.neverAsked}</p>
      <h3>{text.settings}</h3>
      <dl class="settings">
        {[{ name: text.username, address: username }, ...settings.mailServers].map(({ name, address }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{address}</dd>
          </div>
        ))}
      </dl>
      {isAsking && <Alert>{text.closeUncopied}</Alert>}
      <div class="actions">
        {isAsking && (
          <button type="button" class="main" onClick={() => setAsking(false)}>
            {text.keepOpen}
          </button>
        )}
        <button type="button" onClick={close}>
          {isAsking ? text.closeAnyway : text.close}
        </button>
      </div>
    </Dialog>
  );
}
