import { useCallback, useEffect, useState } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import type { Answer } from './api.ts';
import type { Activity, AppPasswordList, OwnPolicy } from './openapi.ts';

/** The person's app passwords, with what the page shows beside them; without that they are still of use. */
export function useList() {
  const { api, takesOver } = useSession();
  const [answer, setAnswer] = useState<Answer<AppPasswordList>>();
  const [policy, setPolicy] = useState<OwnPolicy>();
  const [activity, setActivity] = useState<Activity>();

  const load = useCallback(async () => {
    void api.activity().then((it) => it.kind === 'ok' && setActivity(it.value));
    const [next, allowed] = await Promise.all([api.list(), api.policy()]);
    if (takesOver(next, { kind: 'read' })) return;
    if (allowed.kind === 'ok') setPolicy(allowed.value);
    setAnswer(next);
  }, [api, takesOver]);
  useEffect(() => void load(), [load]);

  /** Reads it again without being asked to, so it says nothing where that fails. */
  const refresh = useCallback(async () => {
    const next = await api.list();
    if (next.kind === 'ok') setAnswer(next);
  }, [api]);

  return { answer, policy, activity, load, refresh };
}
