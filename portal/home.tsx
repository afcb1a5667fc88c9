import { useState } from 'preact/hooks';
import { CodedAlert } from './parts/coded-alert.tsx';
import { Alert } from './parts/dialog.tsx';
import { Heading } from './parts/heading.tsx';
import { Words } from './parts/words.tsx';
import type { Boot } from './sign-in/boot.ts';
import { type Errand, notSignedIn } from './sign-in/sign-in.ts';
import { useText } from './text/text.ts';

/**
 * What this is, for who is not signed in.
 *
 * @param open what to come back to
 * @param isSignedOut whether somebody has just signed out
 */
export function Home(properties: { boot: Boot; open: Errand | undefined; isSignedOut: boolean }) {
  const { boot, open, isSignedOut } = properties;
  const { text } = useText();
  const [first, ...lines] = text.intro;
  return (
    <>
      <Heading isHome>{first ?? text.title}</Heading>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {isSignedOut && <p role="status">{text.signedOut}</p>}
      {boot.kind === 'waiting' ? (
        <p role="status">
          <Words>{boot.isReturning ? text.signingIn : text.loading}</Words>
        </p>
      ) : boot.kind === 'failed' ? (
        <>
          <Alert>{navigator.onLine ? text.fault : text.offline}</Alert>
          <button type="button" class="main" onClick={() => location.reload()}>
            {text.tryAgain}
          </button>
        </>
      ) : boot.kind === 'no-storage' ? (
        <Alert>{text.noStorage}</Alert>
      ) : (
        <SignInButton boot={boot} open={open} />
      )}
      <p>
        <a href="#lost">{text.lostTitle}</a>
      </p>
    </>
  );
}

/** Leads to the identity provider, and says what went wrong on the way. */
export function SignInButton(properties: {
  boot: Extract<Boot, { kind: 'ready' }>;
  open?: Errand | undefined;
  words?: string;
}) {
  const { boot, open, words } = properties;
  const { text } = useText();
  const [failure, setFailure] = useState(boot.back?.failure);
  const [isLeaving, setLeaving] = useState(false);
  return (
    <>
      {failure !== undefined && <CodedAlert words={text.signInFailed} code={failure} />}
      <button
        type="button"
        class="main"
        aria-busy={isLeaving}
        onClick={() => {
          if (isLeaving) return;
          setLeaving(true);
          boot.signIn.start(open).catch(() => {
            setLeaving(false);
            setFailure(notSignedIn);
          });
        }}
      >
        <Words>{isLeaving ? text.loading : (words ?? text.signIn)}</Words>
      </button>
    </>
  );
}
