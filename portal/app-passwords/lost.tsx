import { useState } from 'preact/hooks';
import { useList } from '../client/use-list.ts';
import { LostFactor } from '../help.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading } from '../parts/loading.tsx';
import { Words } from '../parts/words.tsx';
import { useSession } from '../sign-in/session.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { DeleteAllDialog, DeleteDialog } from './dialogs.tsx';
import { Entry } from './entry.tsx';
import { useNextFocus } from './next-focus.ts';

/** "I lost a device": pick its app password, or all of them, right here. */
export function LostDevicePage(properties: { open: Errand | undefined; onOpen: (errand?: Errand) => void }) {
  const { open, onOpen } = properties;
  const { settings } = useSession();
  const { text } = useText();
  const { answer, activity, load } = useList();
  const [said, setSaid] = useState('');
  const { top, moveFocus } = useNextFocus(open === undefined);
  const close = async (words = '') => {
    if (words !== '') moveFocus(open);
    setSaid(words);
    onOpen();
    await load();
  };
  const appPasswords = answer?.kind === 'ok' ? answer.value.appPasswords : [];
  const appPassword = open?.kind === 'delete' ? appPasswords.find(({ id }) => id === open.id) : undefined;
  const keepTop = (element: HTMLElement | null) => {
    top.current = element;
  };
  return (
    <>
      <Heading>{text.lostTitle}</Heading>
      {text.lost.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p role="status" class="said">
        <Words>{said}</Words>
      </p>
      <h2 tabIndex={-1} ref={keepTop}>
        {text.lostWhich}
      </h2>
      {answer?.kind !== 'ok' ? (
        <Loading answer={answer} onTryAgain={load} />
      ) : appPasswords.length === 0 ? (
        <p>{text.empty}</p>
      ) : (
        <>
          <button type="button" class="dangerous" onClick={() => onOpen({ kind: 'delete-all' })}>
            {text.deleteAll}
          </button>
          <ul class="entries">
            {appPasswords.map((each) => (
              <Entry key={each.id} appPassword={each} {...{ activity, onOpen }} />
            ))}
          </ul>
        </>
      )}
      <LostFactor settings={settings} />
      <p>
        <a href="#list">{text.back}</a>
      </p>
      {appPassword && <DeleteDialog appPassword={appPassword} onClose={close} />}
      {open?.kind === 'delete-all' && <DeleteAllDialog count={appPasswords.length} onClose={close} />}
    </>
  );
}
