import { useEffect, useState } from 'preact/hooks';

type Loaded = typeof import('./qr-code.tsx');

/** A QR code, which is drawn by what is loaded when the first one is shown; without it the words have to do. */
export function LazyQrCode(properties: Parameters<Loaded['QrCode']>[0]) {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    import('./qr-code.tsx').then(setLoaded, () => undefined);
  }, []);
  return loaded ? <loaded.QrCode {...properties} /> : <span class="code-place" />;
}
