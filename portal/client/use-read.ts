import { useCallback, useEffect, useState } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import type { Answer } from './api.ts';

/**
 * Reads something as soon as it is shown.
 *
 * @param read stays the same function from one drawing to the next
 * @param person whom to come back to, where it is a person and another sign-in is needed first
 */
export function useRead<T>(read: () => Promise<Answer<T>>, person?: string) {
  const { takesOver } = useSession();
  const [answer, setAnswer] = useState<Answer<T>>();
  const load = useCallback(async () => {
    const next = await read();
    if (!takesOver(next, person === undefined ? { kind: 'read' } : { kind: 'admin-read', person }))
      setAnswer(next);
    return next;
  }, [read, person, takesOver]);
  useEffect(() => void load(), [load]);
  return { answer, load };
}
