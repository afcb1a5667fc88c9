import { useEffect, useRef } from 'preact/hooks';
import { useText } from '../text/text.ts';

let isMoving = false;

/** Says that another part of the page comes next, so that the focus goes there with it. */
export function move(): void {
  isMoving = true;
}

/** The heading of a part of the page: names the window as well, and takes the focus when somebody comes here. */
export function Heading({ children, isHome = false }: { children: string; isHome?: boolean }) {
  const { text } = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = isHome ? text.title : `${children} – ${text.title}`;
    if (isMoving) heading.current?.focus({ preventScroll: true });
    isMoving = false;
  }, [children, isHome, text]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}
