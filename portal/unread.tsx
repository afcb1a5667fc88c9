import type { Answer } from './api.ts';
import { Alert } from './dialog.tsx';
import { tell } from './failure.ts';
import { useText } from './text/text.ts';

/** What stands in the place of what is not read yet, or could not be. */
export function Unread(properties: { answer: Answer<unknown> | undefined; onTryAgain: () => void }) {
  const { answer, onTryAgain } = properties;
  const { text } = useText();
  if (answer === undefined) return <p role="status">{text.loading}</p>;
  if (answer.kind !== 'fault' && answer.kind !== 'problem') return null;
  return (
    <>
      <Alert>{tell(answer, text, false)}</Alert>
      <button type="button" class="main" onClick={onTryAgain}>
        {text.tryAgain}
      </button>
    </>
  );
}
