/** A QR code as it is drawn: the path of what is dark, in a square whose sides are so many modules. */
export interface Drawing {
  readonly size: number;
  readonly path: string;
}

/** How many modules stay white around a code (ISO/IEC 18004 section 5.3.8). */
const quietZone = 4;

/** Encodes a text; what does that is loaded only for a first code. */
export async function drawCode(text: string): Promise<Drawing> {
  const { encodeQR } = await import('qr');
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone });
  const path = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size: rows.length, path: path.join('') };
}
