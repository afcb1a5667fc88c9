import { useEffect, useRef } from 'preact/hooks';

/**
 * Does something again and again while the page is visible, and at once when it becomes visible again.
 *
 * @param look undefined for not now
 * @param every after how many milliseconds
 */
export function usePolling(look: (() => unknown) | undefined, every: number): void {
  const current = useRef(look);
  current.current = look;
  const isWanted = look !== undefined;
  useEffect(() => {
    if (!isWanted) return;
    const tick = () => document.visibilityState === 'visible' && current.current?.();
    const timer = setInterval(tick, every);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [isWanted, every]);
}
