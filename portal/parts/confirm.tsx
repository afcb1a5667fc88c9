import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Answer } from '../client/api.ts';
import { useChange } from '../client/use-change.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { Alert, Dialog } from './dialog.tsx';
import { Words } from './words.tsx';

/** Asks, does it, and says that it is done. It begins on the button that does nothing. */
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
  /** @param isDone whether it was done */
  onClose: (isDone: boolean) => void;
  /** What has to be filled in first. */
  children?: ComponentChildren;
}) {
  const { question, effect, submit, isHarmless, errand, act, done, onClose, children } = properties;
  const { text } = useText();
  const [isDone, setDone] = useState(false);
  const { isBusy, failure, attempt } = useChange({ act, errand, onDone: () => setDone(true) });
  const description = useId();
  const way = useRef<HTMLButtonElement>(null);
  // The button that had the focus is gone when it is done.
  useEffect(() => way.current?.focus(), [isDone]);
  // What is under way cannot be called off.
  const close = () => {
    if (!isBusy) onClose(isDone);
  };
  return (
    <Dialog title={isDone ? text.done : question} onClose={close} describedBy={description}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt();
        }}
      >
        <div id={description}>{!isDone && <p>{effect}</p>}</div>
        {!isDone && children}
        <p role="status">{isDone && <span>{done}</span>}</p>
        {failure && !isDone && <Alert>{failure.words}</Alert>}
        <div class="actions">
          {!isDone && (failure === undefined || failure.isPassing || failure.field !== undefined) && (
            <button type="submit" class={isHarmless ? 'main' : 'danger'} aria-busy={isBusy}>
              <Words>{isBusy ? text.loading : failure?.isPassing ? text.tryAgain : submit}</Words>
            </button>
          )}
          <button type="button" ref={way} onClick={close}>
            <Words>{isDone ? text.close : text.cancel}</Words>
          </button>
        </div>
      </form>
    </Dialog>
  );
}
