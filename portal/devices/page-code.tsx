import { useText } from '../text/text.ts';
import { LazyQrCode } from './lazy-qr-code.tsx';

/** Where a mouse or the like points, the phone is another device: it opens this page by its camera. */
const isOnDesktop = matchMedia('(hover: hover) and (pointer: fine)').matches;

/** The address of this page for a phone, and nothing else. */
export function PageCode() {
  const { text } = useText();
  if (!isOnDesktop) return null;
  return (
    <div class="code">
      <LazyQrCode value={`${location.origin}/`} label={text.otherPhoneCode} />
      <p>{text.otherPhone}</p>
    </div>
  );
}
