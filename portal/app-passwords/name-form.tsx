import type { ComponentChildren } from 'preact';
import type { PendingChange } from '../client/use-change.ts';
import { Alert } from '../parts/dialog.tsx';
import { Words } from '../parts/words.tsx';
import { useText } from '../text/text.ts';

/** Asks for the name of an app password. */
export function NameForm(properties: {
  name: string;
  onName: (name: string) => void;
  hint?: string;
  /** What the button says. */
  submit: string;
  attempt: PendingChange;
  onClose: () => void;
  /** What is asked before. */
  before?: ComponentChildren;
  /** What else may be chosen. */
  children?: ComponentChildren;
}) {
  const { name, onName, hint, submit, onClose, before, children } = properties;
  const { isBusy, failure, attempt } = properties.attempt;
  const { text } = useText();
  const isInvalid = failure?.field === 'name';
  const isOver = failure !== undefined && !failure.isPassing && failure.field === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt();
      }}
    >
      {before}
      <label for="name">{text.name}</label>
      <input
        id="name"
        value={name}
        onInput={(event) => onName(event.currentTarget.value)}
        aria-invalid={isInvalid}
        aria-describedby={isInvalid ? 'failure' : hint && 'name-hint'}
        autocomplete="off"
        required
        maxlength={128}
      />
      {hint && (
        <p class="hint" id="name-hint">
          {hint}
        </p>
      )}
      {children}
      {failure && (
        <Alert id="failure">
          <Words>{failure.words}</Words>
        </Alert>
      )}
      <div class="actions">
        {!isOver && (
          <button type="submit" class="main" aria-busy={isBusy}>
            <Words>{isBusy ? text.loading : failure?.isPassing ? text.tryAgain : submit}</Words>
          </button>
        )}
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
