import { useState } from 'preact/hooks';
import type { AppPassword } from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import { NameForm } from './name-form.tsx';

/** Is told what to say of it; nothing where it was not done. */
type Closed = (said: string) => void;

/** Gives an app password another name. */
export function RenameDialog(properties: { appPassword: AppPassword; name: string; onClose: () => void }) {
  const { appPassword, onClose } = properties;
  const { api } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const { id } = appPassword;
  const attempt = useChange({
    act: () => api.rename(id, name),
    errand: { kind: 'rename', id, name },
    onDone: onClose,
  });
  return (
    <Dialog title={text.rename} onClose={onClose}>
      <NameForm {...{ name, attempt, onClose }} onName={setName} submit={text.save} />
    </Dialog>
  );
}

/** Deletes one app password. */
export function DeleteDialog({ appPassword, onClose }: { appPassword: AppPassword; onClose: Closed }) {
  const { api } = useSession();
  const { text, moment, origin } = useText();
  const { id, name, lastUsed } = appPassword;
  const done = text.deleted(name);
  const used = lastUsed === null ? text.neverUsed : text.lastUsed(moment(lastUsed.at), origin(lastUsed));
  return (
    <ConfirmDialog
      question={text.deleteQuestion(name)}
      effect={`${used}. ${text.deleteEffect}`}
      submit={text.yes}
      errand={{ kind: 'delete', id }}
      act={() => api.remove(id)}
      done={done}
      onClose={(isDone) => onClose(isDone ? done : '')}
    />
  );
}

/** From so many on, a word has to be typed. */
const many = 5;

/** Deletes all app passwords. */
export function DeleteAllDialog({ count, onClose }: { count: number; onClose: Closed }) {
  const { api } = useSession();
  const { text } = useText();
  return (
    <ConfirmDialog
      question={text.deleteAllQuestion(count)}
      effect={text.deleteAllEffect}
      submit={text.yes}
      errand={{ kind: 'delete-all' }}
      act={api.removeAll}
      done={text.deletedAll}
      onClose={(isDone) => onClose(isDone ? text.deletedAll : '')}
    >
      {count >= many && (
        <>
          <label for="word">{text.typeWord(text.deleteWord)}</label>
          <input
            id="word"
            onInput={({ currentTarget: field }) => {
              const isIt = field.value.trim().toLowerCase() === text.deleteWord;
              field.setCustomValidity(isIt ? '' : text.notTheWord(text.deleteWord));
            }}
            autocomplete="off"
            autocapitalize="none"
            required
          />
        </>
      )}
    </ConfirmDialog>
  );
}

/** Lets an app password work again that was not used for too long. */
export function ReviveDialog({ appPassword, onClose }: { appPassword: AppPassword; onClose: Closed }) {
  const { api } = useSession();
  const { text } = useText();
  const { id, name } = appPassword;
  const done = text.revived(name);
  return (
    <ConfirmDialog
      question={text.reviveQuestion(name)}
      effect={text.reviveEffect}
      submit={text.revive}
      isHarmless
      errand={{ kind: 'revive', id }}
      act={() => api.revive(id)}
      done={done}
      onClose={(isDone) => onClose(isDone ? done : '')}
    />
  );
}
