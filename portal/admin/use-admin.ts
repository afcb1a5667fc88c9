import { useMemo } from 'preact/hooks';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import { adminApiWith } from './api.ts';

/** The calls and words of the administrators' part, and whose they are. */
export function useAdmin() {
  const { call, role } = useSession();
  const { text } = useText();
  const api = useMemo(() => adminApiWith(call), [call]);
  return { api, words: text.admin, role };
}
