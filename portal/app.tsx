import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PortalSettings } from '../shared/portal-settings.ts';
import { ActivityPage } from './activity.tsx';
import { type Answer, apiWith, callWith } from './api.ts';
import { Alert, Dialog } from './dialog.tsx';
import { LostPage, NeedPage } from './help.tsx';
import { LazyAdmin } from './lazy-admin.tsx';
import { ListPage } from './list.tsx';
import { SessionContext } from './session.ts';
import type { Challenge, Errand, Sent, SignIn } from './sign-in.ts';
import { keepLanguage, languages, preferredLanguage, TextContext, useText } from './text/text.ts';

/** What the identity provider sent back, if it did. */
type Back = Sent | 'failed' | undefined;

/** The page; without settings it can only say that the service is away. */
export function App(
  properties: { settings: undefined } | { settings: PortalSettings; signIn: SignIn; back: Back },
) {
  const [language, setLanguage] = useState(preferredLanguage);
  const text = languages[language];
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = text.title;
  }, [language, text]);
  const other = language === 'en' ? 'nl' : 'en';
  return (
    <TextContext.Provider value={{ text, language }}>
      <header>
        <h1>{text.title}</h1>
        <button
          type="button"
          lang={other}
          onClick={() => {
            keepLanguage(other);
            setLanguage(other);
          }}
        >
          {text.otherLanguage}
        </button>
      </header>
      <main>
        {properties.settings === undefined ? (
          <>
            <Alert>{navigator.onLine ? text.fault : text.offline}</Alert>
            <button type="button" class="main" onClick={() => location.reload()}>
              {text.tryAgain}
            </button>
          </>
        ) : (
          <Views {...properties} />
        )}
      </main>
    </TextContext.Provider>
  );
}

function Views({ settings, signIn, back }: { settings: PortalSettings; signIn: SignIn; back: Back }) {
  const { text } = useText();
  const view = useHash();
  const sent = back === 'failed' ? undefined : back;
  const [open, setOpen] = useState(sent?.errand);
  const steppedUpFor = useRef(sent?.isStepUp ? sent.errand?.kind : undefined);
  const isSignedIn = signIn.token() !== undefined;
  return (
    <>
      {view === '#need' ? (
        <NeedPage links={settings.links} />
      ) : view === '#lost' ? (
        <LostPage />
      ) : !isSignedIn ? (
        <Welcome signIn={signIn} hasFailed={back === 'failed'} />
      ) : (
        <SignedIn {...{ settings, signIn, view, open, steppedUpFor }} onOpen={setOpen} />
      )}
      <nav aria-label={text.menu}>
        {isSignedIn && <a href="#activity">{text.activityTitle}</a>}
        {isSignedIn && signIn.isAdministrator() && <a href="#admin">{text.adminTitle}</a>}
        <a href="#need">{text.needTitle}</a>
        <a href="#lost">{text.lostTitle}</a>
      </nav>
    </>
  );
}

function Welcome({ signIn, hasFailed }: { signIn: SignIn; hasFailed: boolean }) {
  const { text } = useText();
  const [failed, setFailed] = useState(hasFailed);
  return (
    <>
      <p>{text.intro}</p>
      {failed && <Alert>{text.signInFailed}</Alert>}
      <button type="button" class="main" onClick={() => signIn.start().catch(() => setFailed(true))}>
        {text.signIn}
      </button>
    </>
  );
}

interface StepUp {
  readonly errand: Errand;
  readonly challenge: Challenge;
}

function SignedIn(properties: {
  settings: PortalSettings;
  signIn: SignIn;
  view: string;
  open: Errand | undefined;
  onOpen: (errand?: Errand) => void;
  /** For what the person has just taken a second step. */
  steppedUpFor: { current: Errand['kind'] | undefined };
}) {
  const { settings, signIn, view, open, onOpen, steppedUpFor } = properties;
  const { text } = useText();
  const [stepUp, setStepUp] = useState<StepUp>();
  const [hasFailed, setFailed] = useState(false);
  const fail = () => setFailed(true);
  const session = useMemo(() => {
    const call = callWith(signIn.token);
    return {
      api: apiWith(call),
      call,
      username: signIn.username(),
      settings,
      takesOver(answer: Answer<unknown>, doing: Errand) {
        if (answer.kind === 'step-up') {
          // What was typed is still there for who does not go on.
          if (doing.kind !== 'read') onOpen(doing);
          setStepUp({ errand: doing, challenge: answer.challenge });
        } else if (answer.kind === 'signed-out') signIn.start(doing).catch(() => setFailed(true));
        else {
          if (doing.kind === steppedUpFor.current) steppedUpFor.current = undefined;
          return false;
        }
        return true;
      },
    };
  }, [settings, signIn, onOpen, steppedUpFor]);

  const isAboutFactor = stepUp?.challenge.acrValues !== undefined || stepUp?.challenge.claims !== undefined;
  const signOut = (
    <button type="button" onClick={() => signIn.end().catch(fail)}>
      {text.signOut}
    </button>
  );
  const goOn = (words: string) => (
    <button
      type="button"
      class="main"
      onClick={() => signIn.start(stepUp?.errand, stepUp?.challenge).catch(fail)}
    >
      {words}
    </button>
  );
  if (stepUp !== undefined && steppedUpFor.current === stepUp.errand.kind)
    return (
      <>
        <h2>{text.blockedTitle}</h2>
        <Alert>{isAboutFactor ? text.blockedFactor : text.blockedAge}</Alert>
        {goOn(text.signInAgain)}
        {signOut}
      </>
    );
  return (
    <SessionContext.Provider value={session}>
      <p class="who">
        <span>{text.signedInAs(session.username)}</span>
        {signOut}
      </p>
      {hasFailed && <Alert>{text.signInFailed}</Alert>}
      {stepUp === undefined ? (
        view.startsWith('#admin') ? (
          <LazyAdmin {...{ view, open, onOpen }} />
        ) : view === '#activity' ? (
          <ActivityPage />
        ) : (
          <ListPage open={open} onOpen={onOpen} />
        )
      ) : (
        <Dialog title={text.stepUpTitle} onClose={() => setStepUp(undefined)}>
          <p>{isAboutFactor ? text.stepUpFactor : text.stepUpAge}</p>
          <div class="actions">
            {goOn(text.continue)}
            {signOut}
          </div>
        </Dialog>
      )}
    </SessionContext.Provider>
  );
}

/** Which part of the page is asked for. */
function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => {
      setHash(location.hash);
      scrollTo(0, 0);
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return hash;
}
