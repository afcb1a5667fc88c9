import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PortalSettings } from '../shared/settings/portal-settings.ts';
import { LazyAdmin } from './admin/lazy.tsx';
import { ActivityPage } from './app-passwords/activity.tsx';
import { ListPage } from './app-passwords/list.tsx';
import { type Answer, apiWith, type Call, callWith } from './client/api.ts';
import { LostPage, NeedPage } from './help.tsx';
import { Alert, Dialog } from './parts/dialog.tsx';
import type { Challenge } from './sign-in/challenge.ts';
import { SessionContext } from './sign-in/session.ts';
import { type Back, type Errand, notSignedIn, type SignIn } from './sign-in/sign-in.ts';
import { keepLanguage, languages, preferredLanguage, TextContext, useText } from './text/text.ts';

/** The page; without settings it can only say that the service is away. */
export function App(
  properties: { settings: undefined } | { settings: PortalSettings; signIn: SignIn; back: Back | undefined },
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

function Views(properties: { settings: PortalSettings; signIn: SignIn; back: Back | undefined }) {
  const { settings, signIn, back } = properties;
  const { text } = useText();
  const view = useHash();
  const sent = back?.sent;
  const call = useMemo(() => callWith(signIn.token), [signIn]);
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
        <Welcome {...{ signIn, open }} failure={back?.failure} />
      ) : (
        <SignedIn
          {...{ settings, signIn, call, view, open, steppedUpFor }}
          mayRenew={!sent?.isRenewal}
          onOpen={setOpen}
        />
      )}
      <nav aria-label={text.menu}>
        {isSignedIn && <a href="#activity">{text.activityTitle}</a>}
        {isSignedIn && signIn.role() !== undefined && <a href="#admin">{text.adminTitle}</a>}
        <a href="#need">{text.needTitle}</a>
        <a href="#lost">{text.lostTitle}</a>
      </nav>
    </>
  );
}

function Welcome(properties: { signIn: SignIn; open: Errand | undefined; failure: string | undefined }) {
  const { signIn, open } = properties;
  const { text } = useText();
  const [failure, setFailure] = useState(properties.failure);
  return (
    <>
      <p>{text.intro}</p>
      {failure !== undefined && <CodedAlert words={text.signInFailed} code={failure} />}
      <button
        type="button"
        class="main"
        onClick={() => signIn.start(open).catch(() => setFailure(notSignedIn))}
      >
        {text.signIn}
      </button>
    </>
  );
}

/** Says what went wrong, with what the helpdesk wants to know of it. */
function CodedAlert({ words, code }: { words: string; code: string }) {
  const { text } = useText();
  return (
    <Alert>
      {words} {text.helpdeskCode(code)}
    </Alert>
  );
}

/** Why another sign-in is needed: for a step-up, or as the token is not accepted. */
interface Needed {
  /** For the helpdesk. */
  readonly code: string;
  readonly stepUp?: { readonly errand: Errand; readonly challenge: Challenge };
}

function SignedIn(properties: {
  settings: PortalSettings;
  signIn: SignIn;
  call: Call;
  view: string;
  open: Errand | undefined;
  /** Whether the page may begin another sign-in by itself. */
  mayRenew: boolean;
  onOpen: (errand?: Errand) => void;
  /** For what the person has just taken a second step. */
  steppedUpFor: { current: Errand['kind'] | undefined };
}) {
  const { settings, signIn, call, view, open, mayRenew, onOpen, steppedUpFor } = properties;
  const { text } = useText();
  const [needed, setNeeded] = useState<Needed>();
  const [hasFailed, setFailed] = useState(false);
  const fail = () => setFailed(true);
  const [username, setUsername] = useState('');
  const opened = useRef(open);
  opened.current = open;
  const shared = useMemo(
    () => ({
      api: apiWith(call, setUsername),
      call,
      role: signIn.role(),
      settings,
      takesOver(answer: Answer<unknown>, doing: Errand) {
        if (answer.kind !== 'step-up' && answer.kind !== 'invalid-token') {
          if (doing.kind === steppedUpFor.current) steppedUpFor.current = undefined;
          return false;
        }
        // What was typed is still there for who does not go on.
        if (doing.kind !== 'read') onOpen(doing);
        const { code } = answer;
        if (answer.kind === 'step-up')
          setNeeded({ code, stepUp: { errand: doing, challenge: answer.challenge } });
        // A token that was good has run out. Whatever else is wrong with one will be wrong with the next.
        else if (code === 'EXPIRED' && answer.wasAccepted && mayRenew)
          signIn.renew(doing.kind === 'read' ? opened.current : doing).catch(() => setNeeded({ code }));
        else setNeeded({ code });
        return true;
      },
    }),
    [settings, signIn, call, mayRenew, onOpen, steppedUpFor],
  );
  const session = useMemo(() => ({ ...shared, username }), [shared, username]);
  const part = view.startsWith('#admin') ? 'admin' : view === '#activity' ? 'activity' : 'list';
  // Of the parts of the page, only the list reads what says the username.
  const isUnknown = username === '' && part !== 'list';
  useEffect(() => {
    if (isUnknown) void shared.api.list();
  }, [isUnknown, shared]);

  const signOut = (
    <button type="button" onClick={() => signIn.end().catch(fail)}>
      {text.signOut}
    </button>
  );
  const goOn = (words: string) => (
    <button
      type="button"
      class="main"
      onClick={() => signIn.start(needed?.stepUp?.errand ?? open, needed?.stepUp?.challenge).catch(fail)}
    >
      {words}
    </button>
  );
  const lack = needed?.stepUp && lackIn(needed.code, needed.stepUp.challenge);
  if (needed !== undefined && (lack === undefined || steppedUpFor.current === needed.stepUp?.errand.kind))
    return (
      <>
        <h2>{lack === undefined ? text.notAcceptedTitle : text.blockedTitle}</h2>
        <CodedAlert words={lack === undefined ? text.notAccepted : text.blocked[lack]} code={needed.code} />
        {hasFailed && <Alert>{text.signInFailed}</Alert>}
        {goOn(text.signInAgain)}
        {signOut}
      </>
    );
  return (
    <SessionContext.Provider value={session}>
      <p class="who">
        <span>{username !== '' && text.signedInAs(username)}</span>
        {signOut}
      </p>
      {hasFailed && <Alert>{text.signInFailed}</Alert>}
      {lack === undefined ? (
        part === 'admin' ? (
          <LazyAdmin {...{ view, open, onOpen }} />
        ) : part === 'activity' ? (
          <ActivityPage />
        ) : (
          <ListPage open={open} onOpen={onOpen} />
        )
      ) : (
        <Dialog title={text.stepUpTitle} onClose={() => setNeeded(undefined)}>
          <p>{text.stepUp[lack]}</p>
          <div class="actions">
            {goOn(text.continue)}
            {signOut}
          </div>
        </Dialog>
      )}
    </SessionContext.Provider>
  );
}

/** What a sign-in lacks, by which the words are chosen. */
function lackIn(code: string, { acrValues, claims }: Challenge): 'factor' | 'age' | 'authTime' {
  if (acrValues !== undefined || claims !== undefined) return 'factor';
  return code === 'AUTH_TIME' ? 'authTime' : 'age';
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
