import { useText } from '../text/text.ts';
import { QrCode } from './qr-code.tsx';

/** Where a mouse or the like points, the phone is another device, with a camera. */
export const isOnDesktop = matchMedia('(hover: hover) and (pointer: fine)').matches;

/** An address of this service for a phone, and nothing else; no secret has one. */
export function CodeForPhone({ path, words }: { path: string; words: string }) {
  const { text } = useText();
  if (!isOnDesktop) return null;
  return (
    <div class="code">
      <QrCode text={location.origin + path} label={text.addressCode} />
      <p>{words}</p>
    </div>
  );
}
