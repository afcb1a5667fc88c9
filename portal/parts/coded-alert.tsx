import { useText } from '../text/text.ts';
import { Alert } from './dialog.tsx';

/** Says what went wrong, with what the helpdesk wants to know of it. */
export function CodedAlert({ words, code }: { words: string; code: string }) {
  const { text } = useText();
  return (
    <Alert>
      {words} {text.helpdeskCode(code)}
    </Alert>
  );
}
