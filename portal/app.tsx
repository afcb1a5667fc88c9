import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { callWith } from './client/api.ts';
import { Header } from './header.tsx';
import { LostPage, NeedPage } from './help.tsx';
import { Home } from './home.tsx';
import { move } from './parts/heading.tsx';
import { type Boot, useBoot } from './sign-in/boot.ts';
import type { Errand } from './sign-in/sign-in.ts';
import { SignedIn } from './signed-in.tsx';
import { keepLanguage, wordingIn } from './text/language.ts';
import { TextContext, useText, type Wording } from './text/text.ts';

/**
 * The page.
 *
 * @param first the words that it begins with
 */
export function App({ first }: { first: Wording }) {
  const [wording, setWording] = useState(first);
  const { text, language } = wording;
  const shown = useRef(language);
  shown.current = language;
  const boot = useBoot(() => shown.current);
  const [isSignedOut, setSignedOut] = useState(false);
  const [username, setUsername] = useState('');
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = text.direction;
  }, [language, text]);
  const choose = async (next: string) => {
    // Without its words, the page stays in the language that it has.
    const chosen = await wordingIn(next).catch(() => wording);
    setWording(chosen);
    keepLanguage(chosen.language);
  };
  const settings = 'settings' in boot ? boot.settings : undefined;
  const sent = boot.kind === 'ready' ? boot.back?.sent : undefined;
  const [open, setOpen] = useState<Errand>();
  const steppedUpFor = useRef<Errand['kind'] | undefined>(undefined);
  // What was being done before the sign-in goes on, as soon as it is known.
  const [begun, setBegun] = useState<typeof sent>();
  if (sent !== begun) {
    setBegun(sent);
    setOpen(sent?.errand);
    steppedUpFor.current = sent?.isStepUp ? sent.errand?.kind : undefined;
  }
  const signIn = boot.kind === 'ready' && !isSignedOut && boot.signIn.token() !== undefined && boot.signIn;
  const signOut = async () => {
    if (signIn && !(await signIn.end())) {
      move();
      setSignedOut(true);
      location.hash = '';
    }
  };
  return (
    <TextContext.Provider value={wording}>
      <Header
        settings={settings}
        username={username}
        onLanguage={choose}
        onSignOut={signIn ? signOut : undefined}
      />
      {/* Each language has elements of its own, so that no translation by the browser stays behind. */}
      <main key={language}>
        <Views
          {...{ boot, isSignedOut, open, steppedUpFor, username }}
          onOpen={setOpen}
          onUsername={setUsername}
          onSignOut={signOut}
        />
      </main>
    </TextContext.Provider>
  );
}

function Views(properties: {
  boot: Boot;
  isSignedOut: boolean;
  /** What is being done. */
  open: Errand | undefined;
  onOpen: (errand?: Errand) => void;
  /** For what the person has just taken a second step. */
  steppedUpFor: { current: Errand['kind'] | undefined };
  username: string;
  onUsername: (username: string) => void;
  onSignOut: () => Promise<void>;
}) {
  const { boot, isSignedOut, open, onOpen, steppedUpFor, username, onUsername, onSignOut } = properties;
  const { text } = useText();
  const view = useHash();
  const ready = boot.kind === 'ready' ? boot : undefined;
  const call = useMemo(() => ready && callWith(ready.signIn.token), [ready]);
  const isSignedIn = !isSignedOut && ready?.signIn.token() !== undefined;
  const settings = 'settings' in boot ? boot.settings : undefined;
  const mayAdminister = isSignedIn && ready?.signIn.role() !== undefined;
  const parts = [
    ...(isSignedIn ? [{ hash: '#list', words: text.title }] : []),
    { hash: '#lost', words: text.lostLink },
    { hash: '#need', words: text.needTitle },
    ...(isSignedIn ? [{ hash: '#activity', words: text.activityTitle }] : []),
    ...(mayAdminister ? [{ hash: '#admin', words: text.adminTitle }] : []),
  ];
  return (
    <>
      <nav aria-label={text.menu}>
        {parts.map(({ hash, words }) => (
          <a key={hash} href={hash} aria-current={hash === (view || '#list') ? 'page' : undefined}>
            {words}
          </a>
        ))}
        {settings?.support && <a href={settings.support}>{text.support}</a>}
      </nav>
      {view === '#need' && settings ? (
        <NeedPage links={settings.links} />
      ) : ready && call && isSignedIn ? (
        <SignedIn
          {...{ settings: ready.settings, signIn: ready.signIn, call, view, open, steppedUpFor, username }}
          {...{ onUsername, onSignOut }}
          mayRenew={!ready.back?.sent?.isRenewal}
          onOpen={onOpen}
        />
      ) : view === '#lost' ? (
        <LostPage boot={boot} />
      ) : (
        <Home {...{ boot, open, isSignedOut }} />
      )}
    </>
  );
}

/** Which part of the page is asked for. */
function useHash(): string {
  const [, draw] = useState({});
  useEffect(() => {
    const changed = () => {
      move();
      draw({});
      scrollTo(0, 0);
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return location.hash;
}
