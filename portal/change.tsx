import { useState } from 'preact/hooks';
import type { Answer, AppPassword } from './api.ts';
import { useAttempt } from './attempt.ts';
import { Alert, Dialog } from './dialog.tsx';
import { NameForm } from './name-form.tsx';
import { useSession } from './session.ts';
import type { Errand } from './sign-in.ts';
import { useText } from './text/text.ts';

/** Gives an app password another name. */
export function RenameDialog(properties: { appPassword: AppPassword; name: string; onClose: () => void }) {
  const { appPassword, onClose } = properties;
  const { api } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const { id } = appPassword;
  const attempt = useAttempt(() => api.rename(id, name), { kind: 'rename', id, name }, onClose);
  return (
    <Dialog title={text.rename} onClose={onClose}>
      <NameForm {...{ name, attempt, onClose }} onName={setName} suggestions={[]} submit={text.save} />
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
        return answer.kind === 'ok' ? { kind: 'ok', value: text.deleted(name) } : answer;
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
        return answer.kind === 'ok' ? { kind: 'ok', value: text.deletedAll } : answer;
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
  const { text } = useText();
  const [done, setDone] = useState('');
  const { isBusy, failure, attempt } = useAttempt(act, errand, setDone);
  return (
    <Dialog title={question} onClose={onClose}>
      {done === '' && <p>{effect}</p>}
      <p role="status">{done}</p>
      {failure !== '' && done === '' && <Alert>{failure}</Alert>}
      <div class="actions">
        {done === '' && (
          <button type="button" class="danger" aria-busy={isBusy} onClick={attempt}>
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
