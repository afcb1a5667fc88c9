import { useEffect, useState } from 'preact/hooks';
import { type Drawing, drawCode } from './qr-drawing.ts';

/**
 * Draws a QR code, once what encodes it is loaded.
 *
 * @param text what it says
 * @param label what it is for, to those who do not see it
 */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [drawing, setDrawing] = useState<Drawing>();
  useEffect(() => {
    let isWanted = true;
    drawCode(text).then(
      (drawn) => isWanted && setDrawing(drawn),
      () => isWanted && setDrawing(undefined),
    );
    return () => {
      isWanted = false;
    };
  }, [text]);
  if (drawing === undefined) return null;
  const { size, path } = drawing;
  // Dark on white in every theme, as cameras want it.
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
