import { useState } from 'preact/hooks';
import type { AppPassword } from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import { NameForm } from './name-form.tsx';

/** Gives an app password another name. */
export function RenameDialog(properties: { appPassword: AppPassword; name: string; onClose: () => void }) {
  const { appPassword, onClose } = properties;
  const { api } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const { id } = appPassword;
  const attempt = useChange(() => api.rename(id, name), { kind: 'rename', id, name }, onClose);
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
      submit={text.yes}
      errand={{ kind: 'delete', id }}
      act={() => api.remove(id)}
      done={text.deleted(name)}
      onClose={onClose}
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
      submit={text.yes}
      errand={{ kind: 'delete-all' }}
      act={api.removeAll}
      done={text.deletedAll}
      onClose={onClose}
    />
  );
}

/** Lets an app password work again that was not used for too long. */
export function ReviveDialog({ appPassword, onClose }: { appPassword: AppPassword; onClose: () => void }) {
  const { api } = useSession();
  const { text } = useText();
  const { id, name } = appPassword;
  return (
    <ConfirmDialog
      question={text.reviveQuestion(name)}
      effect={text.reviveEffect}
      submit={text.revive}
      isHarmless
      errand={{ kind: 'revive', id }}
      act={() => api.revive(id)}
      done={text.revived(name)}
      onClose={onClose}
    />
  );
}
