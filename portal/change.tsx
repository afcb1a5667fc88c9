import { useState } from 'preact/hooks';
import type { Answer, AppPassword } from './api.ts';
import { Alert, Dialog } from './dialog.tsx';
import { tell } from './failure.ts';
import { useSession } from './session.ts';
import type { Errand } from './sign-in.ts';
import { useText } from './text/text.ts';

/** Gives an app password another name. */
export function RenameDialog(properties: { appPassword: AppPassword; name: string; onClose: () => void }) {
  const { appPassword, onClose } = properties;
  const { api, takesOver } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');

  async function submit(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const answer = await api.rename(appPassword.id, name);
    if (takesOver(answer, { kind: 'rename', id: appPassword.id, name })) return;
    setBusy(false);
    if (answer.kind === 'ok') onClose();
    else if (answer.kind === 'fault' || answer.kind === 'problem') setFailure(tell(answer, text, true));
  }

  return (
    <Dialog title={text.rename} onClose={onClose}>
      <form onSubmit={submit}>
        <label for="name">{text.name}</label>
        <input
          id="name"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          autocomplete="off"
          required
          maxlength={128}
          autofocus
        />
        {failure !== '' && <Alert>{failure}</Alert>}
        <div class="actions">
          <button type="submit" class="main" aria-busy={isBusy}>
            {isBusy ? text.loading : failure === '' ? text.save : text.tryAgain}
          </button>
          <button type="button" onClick={onClose}>
            {text.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Deletes one app password. */
export function DeleteDialog({ appPassword, onClose }: { appPassword: AppPassword; onClose: () => void }) {
  const { api } = useSession();
  const { text } = useText();
  const { id, name } = appPassword;
  return (
    <ConfirmDialog
      question={text.deleteQuestion(name)}
      effect={text.deleteEffect}
      errand={{ kind: 'delete', id }}
      onClose={onClose}
      act={async () => {
        const answer = await api.remove(id);
        // It is gone, perhaps by an earlier try whose answer was lost.
        const isGone = answer.kind === 'problem' && answer.slug === 'not-found';
        return answer.kind === 'ok' || isGone ? { kind: 'ok', value: text.deleted(name) } : answer;
      }}
    />
  );
}

/** Deletes all app passwords. */
export function DeleteAllDialog({ count, onClose }: { count: number; onClose: () => void }) {
  const { api } = useSession();
  const { text } = useText();
  return (
    <ConfirmDialog
      question={text.deleteAllQuestion(count)}
      effect={text.deleteAllEffect}
      errand={{ kind: 'delete-all' }}
      onClose={onClose}
      act={async () => {
        const answer = await api.removeAll();
        return answer.kind === 'ok' ? { kind: 'ok', value: text.deletedAll(answer.value.deleted) } : answer;
      }}
    />
  );
}

/** Asks, does it, and says that it is done. */
function ConfirmDialog(properties: {
  question: string;
  effect: string;
  errand: Errand;
  /** Does it; what to say then. */
  act: () => Promise<Answer<string>>;
  onClose: () => void;
}) {
  const { question, effect, errand, act, onClose } = properties;
  const { takesOver } = useSession();
  const { text } = useText();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const [done, setDone] = useState('');

  async function confirm() {
    if (isBusy) return;
    setBusy(true);
    const answer = await act();
    if (takesOver(answer, errand)) return;
    setBusy(false);
    if (answer.kind === 'ok') setDone(answer.value);
    else if (answer.kind === 'fault' || answer.kind === 'problem') setFailure(tell(answer, text, true));
  }

  return (
    <Dialog title={question} onClose={onClose}>
      {done === '' && <p>{effect}</p>}
      <p role="status">{done}</p>
      {failure !== '' && done === '' && <Alert>{failure}</Alert>}
      <div class="actions">
        {done === '' && (
          <button type="button" class="danger" aria-busy={isBusy} onClick={confirm}>
            {isBusy ? text.loading : failure === '' ? text.yes : text.tryAgain}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {done === '' ? text.cancel : text.close}
        </button>
      </div>
    </Dialog>
  );
}
