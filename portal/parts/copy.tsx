import { Check, Copy } from 'lucide';
import { useState } from 'preact/hooks';
import { useText } from '../text/text.ts';
import { Icon } from './icon.tsx';

/** Copies a text; whether it could. */
export async function copyText(value: string): Promise<boolean> {
  try {
    // Some browsers have no clipboard: then this throws as well.
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * A small button that copies what stands beside it.
 *
 * @param what names it for who cannot see it
 * @param onCopied is told what to say, also to a screen reader
 */
export function CopyButton(properties: { what: string; value: string; onCopied: (said: string) => void }) {
  const { what, value, onCopied } = properties;
  const { text } = useText();
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="quiet"
      aria-label={text.copyOf(what)}
      onClick={async () => {
        const isDone = await copyText(value);
        setCopied(isDone);
        onCopied(isDone ? text.copiedOf(what) : text.copyFailed);
      }}
    >
      <Icon drawing={isCopied ? Check : Copy} />
    </button>
  );
}
