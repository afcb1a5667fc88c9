import { useMemo } from 'preact/hooks';
import { adminApiWith } from './admin-api.ts';
import { useSession } from './session.ts';
import { adminEn } from './text/admin-en.ts';
import { adminNl } from './text/admin-nl.ts';
import { useText } from './text/text.ts';

/** An administrator's calls and words. */
export function useAdmin() {
  const { call } = useSession();
  const { language } = useText();
  const api = useMemo(() => adminApiWith(call), [call]);
  return { api, words: { en: adminEn, nl: adminNl }[language] };
}
