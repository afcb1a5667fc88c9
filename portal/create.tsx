import { useState } from 'preact/hooks';
import type { Answer, Created } from './api.ts';
import { useAttempt } from './attempt.ts';
import { Alert, Dialog } from './dialog.tsx';
import { NameForm } from './name-form.tsx';
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
  const { api } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const [created, setCreated] = useState<Created>();
  const [isRegistration, setRegistration] = useState(false);
  const attempt = useAttempt(make, { kind: 'create', name, idempotencyKey }, setCreated, limit);
  if (created !== undefined) return <Shown {...{ created, isRegistration, onClose }} />;

  /** The key is the same however often it is tried, so that one password at most comes of it. */
  async function make(): Promise<Answer<Created>> {
    if (mayBeFirst) {
      const first = await api.register(name, idempotencyKey);
      if (first.kind !== 'ok') return first;
      if ('password' in first.value) {
        setRegistration(true);
        return { kind: 'ok', value: first.value };
      }
    }
    return api.create(name, idempotencyKey);
  }

  return (
    <Dialog title={text.createTitle} onClose={onClose}>
      <NameForm
        {...{ name, attempt, onClose }}
        onName={setName}
        suggestions={text.suggestions}
        submit={text.next}
      />
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
