import { useState } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import type { Errand } from '../sign-in/sign-in.ts';
import { type Failure, tell } from '../text/failure.ts';
import { useText } from '../text/text.ts';
import type { Answer } from './api.ts';

interface Change<T> {
  /** Makes the change; the same one, however often it is called. */
  readonly act: () => Promise<Answer<T>>;
  /** What to come back to, where another sign-in is needed first. */
  readonly errand: Errand;
  /** Is told what came of it. */
  readonly onDone: (value: T) => void;
  /** How many app passwords the person may have. */
  readonly limit?: number;
}

/** A change that a person asks for, and may ask for again until it is known to be done. */
export function useChange<T>({ act, errand, onDone, limit }: Change<T>) {
  const { takesOver } = useSession();
  const { text } = useText();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  return {
    isBusy,
    /** What went wrong the last time. */
    failure,
    async attempt() {
      if (isBusy) return;
      setBusy(true);
      const answer = await act();
      setBusy(false);
      if (takesOver(answer, errand)) return;
      if (answer.kind === 'ok') {
        setFailure(undefined);
        onDone(answer.value);
      } else if (answer.kind === 'fault' || answer.kind === 'problem')
        setFailure(tell(answer, text, { isChange: true, ...(limit !== undefined && { limit }) }));
    },
  };
}

export type PendingChange = ReturnType<typeof useChange>;
