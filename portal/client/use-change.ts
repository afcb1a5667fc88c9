import { useState } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { tell } from '../text/failure.ts';
import { useText } from '../text/text.ts';
import type { Answer } from './api.ts';

/**
 * A change that a person asks for, and may ask for again until it is known to be done.
 *
 * @param act makes the change; the same one, however often it is called
 * @param errand what to come back to, where another sign-in is needed first
 * @param onDone is told what came of it
 */
export function useChange<T>(
  act: () => Promise<Answer<T>>,
  errand: Errand,
  onDone: (value: T) => void,
  limit?: number,
) {
  const { takesOver } = useSession();
  const { text } = useText();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  return {
    isBusy,
    /** What went wrong the last time; empty before the first. */
    failure,
    async attempt() {
      if (isBusy) return;
      setBusy(true);
      const answer = await act();
      if (takesOver(answer, errand)) return;
      setBusy(false);
      if (answer.kind === 'ok') {
        setFailure('');
        onDone(answer.value);
      } else if (answer.kind === 'fault' || answer.kind === 'problem')
        setFailure(tell(answer, text, true, limit));
    },
  };
}

export type PendingChange = ReturnType<typeof useChange>;
