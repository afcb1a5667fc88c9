import type { Answer } from '../client/api.ts';
import { tell } from '../text/failure.ts';
import { useText } from '../text/text.ts';
import { Alert } from './dialog.tsx';

/** What stands in the place of what is not read yet, or could not be. */
export function Loading(properties: { answer: Answer<unknown> | undefined; onTryAgain: () => void }) {
  const { answer, onTryAgain } = properties;
  const { text } = useText();
  if (answer === undefined) return <p role="status">{text.loading}</p>;
  if (answer.kind !== 'fault' && answer.kind !== 'problem') return null;
  const failure = tell(answer, text);
  return (
    <>
      <Alert>{failure.words}</Alert>
      {failure.isPassing && (
        <button type="button" class="main" onClick={onTryAgain}>
          {text.tryAgain}
        </button>
      )}
    </>
  );
}
