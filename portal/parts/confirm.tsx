import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Answer } from '../client/api.ts';
import { useChange } from '../client/use-change.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { Alert, Dialog } from './dialog.tsx';

/** Asks, does it, and says that it is done. */
export function ConfirmDialog(properties: {
  question: string;
  /** What it brings about. */
  effect: string;
  /** What the button says. */
  submit: string;
  isHarmless?: boolean;
  errand: Errand;
  /** Does it. */
  act: () => Promise<Answer<unknown>>;
  /** What to say then. */
  done: string;
  onClose: () => void;
  /** What has to be filled in first. */
  children?: ComponentChildren;
}) {
  const { question, effect, submit, isHarmless, errand, act, done, onClose, children } = properties;
  const { text } = useText();
  const [isDone, setDone] = useState(false);
  const { isBusy, failure, attempt } = useChange(act, errand, () => setDone(true));
  return (
    <Dialog title={question} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt();
        }}
      >
        {!isDone && <p>{effect}</p>}
        {!isDone && children}
        <p role="status">{isDone ? done : ''}</p>
        {failure !== '' && !isDone && <Alert>{failure}</Alert>}
        <div class="actions">
          {!isDone && (
            <button type="submit" class={isHarmless ? 'main' : 'danger'} aria-busy={isBusy}>
              {isBusy ? text.loading : failure === '' ? submit : text.tryAgain}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {isDone ? text.close : text.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
