import { useMemo } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import { adminEn } from '../text/admin-en.ts';
import { adminNl } from '../text/admin-nl.ts';
import { useText } from '../text/text.ts';
import { adminApiWith } from './api.ts';

/** The calls and words of the administrators' part, and whose they are. */
export function useAdmin() {
  const { call, role } = useSession();
  const { language } = useText();
  const api = useMemo(() => adminApiWith(call), [call]);
  return { api, words: { en: adminEn, nl: adminNl }[language], role };
}
