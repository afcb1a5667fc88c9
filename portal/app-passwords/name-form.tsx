import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { PendingChange } from '../client/use-change.ts';
import { Alert } from '../parts/dialog.tsx';
import { useText } from '../text/text.ts';

/** Asks for the name of an app password. */
export function NameForm(properties: {
  name: string;
  onName: (name: string) => void;
  /** Names to choose from. */
  suggestions: readonly string[];
  /** What the button says. */
  submit: string;
  attempt: PendingChange;
  onClose: () => void;
  /** What else may be chosen. */
  children?: ComponentChildren;
}) {
  const { name, onName, suggestions, submit, onClose, children } = properties;
  const { isBusy, failure, attempt } = properties.attempt;
  const { text } = useText();
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt();
      }}
    >
      <label for="name">{text.name}</label>
      <p class="hint" id="name-hint">
        {text.nameHint}
      </p>
      <input
        id="name"
        ref={field}
        value={name}
        onInput={(event) => onName(event.currentTarget.value)}
        aria-describedby="name-hint"
        autocomplete="off"
        required
        maxlength={128}
        autofocus
      />
      <div class="suggestions">
        {suggestions.map((suggestion) => (
          <button
            key={suggestion}
            type="button"
            class="chip"
            onClick={() => {
              onName(suggestion);
              field.current?.focus();
            }}
          >
            {suggestion}
          </button>
        ))}
      </div>
      {children}
      {failure !== '' && <Alert>{failure}</Alert>}
      <div class="actions">
        <button type="submit" class="main" aria-busy={isBusy}>
          {isBusy ? text.loading : failure === '' ? submit : text.tryAgain}
        </button>
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
