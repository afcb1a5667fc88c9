import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PortalSettings } from '../shared/settings/portal-settings.ts';
import { LazyAdmin } from './admin/lazy.tsx';
import { ActivityPage } from './app-passwords/activity.tsx';
import { ListPage } from './app-passwords/list.tsx';
import { LostDevicePage } from './app-passwords/lost.tsx';
import { type Answer, apiWith, type Call } from './client/api.ts';
import { CodedAlert } from './parts/coded-alert.tsx';
import { Alert, Dialog } from './parts/dialog.tsx';
import { Heading } from './parts/heading.tsx';
import type { Challenge } from './sign-in/challenge.ts';
import { SessionContext } from './sign-in/session.ts';
import type { Errand, SignIn } from './sign-in/sign-in.ts';
import { useText } from './text/text.ts';

/** Why another sign-in is needed: for a step-up, or as the token is not accepted. */
interface Needed {
  /** For the helpdesk. */
  readonly code: string;
  readonly stepUp?: { readonly errand: Errand; readonly challenge: Challenge };
}

/** The parts of the page for who is signed in, and what is asked of them when that is not enough. */
export function SignedIn(properties: {
  settings: PortalSettings;
  signIn: SignIn;
  call: Call;
  view: string;
  /** What is being done. */
  open: Errand | undefined;
  onOpen: (errand?: Errand) => void;
  /** Whether the page may begin another sign-in by itself. */
  mayRenew: boolean;
  /** For what the person has just taken a second step. */
  steppedUpFor: { current: Errand['kind'] | undefined };
  username: string;
  onUsername: (username: string) => void;
  onSignOut: () => Promise<void>;
}) {
  const { settings, signIn, call, view, open, onOpen, mayRenew, steppedUpFor } = properties;
  const { username, onUsername, onSignOut } = properties;
  const { text } = useText();
  const [needed, setNeeded] = useState<Needed>();
  const [hasFailed, setFailed] = useState(false);
  const opened = useRef(open);
  opened.current = open;
  const shared = useMemo(
    () => ({
      api: apiWith(call, onUsername),
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
    [settings, signIn, call, mayRenew, onOpen, onUsername, steppedUpFor],
  );
  const session = useMemo(() => ({ ...shared, username }), [shared, username]);
  const part = view.startsWith('#admin') ? 'admin' : view === '#activity' ? 'activity' : 'list';
  // Of the parts of the page, only those with the list read what says the username.
  const isUnknown = username === '' && part !== 'list';
  useEffect(() => {
    if (isUnknown) void shared.api.list();
  }, [isUnknown, shared]);

  const goOn = (words: string) => (
    <button
      type="button"
      class="main"
      onClick={() =>
        signIn.start(needed?.stepUp?.errand ?? open, needed?.stepUp?.challenge).catch(() => setFailed(true))
      }
    >
      {words}
    </button>
  );
  const signOut = (
    <button type="button" onClick={onSignOut}>
      {text.signOut}
    </button>
  );
  const stepUp = needed?.stepUp;
  const lack = stepUp && lackIn(needed.code, stepUp.challenge);
  const hasAlready = lack !== undefined && steppedUpFor.current === stepUp?.errand.kind;
  if (needed !== undefined && (lack === undefined || hasAlready))
    return (
      <>
        <Heading>{lack === undefined ? text.notAcceptedTitle : text.blockedTitle}</Heading>
        <CodedAlert words={lack === undefined ? text.notAccepted : text.blocked[lack]} code={needed.code} />
        {hasFailed && <Alert>{text.signInFailed}</Alert>}
        <div class="actions">
          {goOn(text.signInAgain)}
          {signOut}
        </div>
      </>
    );
  // Nothing can be shown before it, so there is nothing to go back to.
  if (lack !== undefined && (stepUp?.errand.kind === 'read' || stepUp?.errand.kind === 'admin-read'))
    return (
      <>
        <Heading>{text.stepUpTitle}</Heading>
        <p>{text.stepUp[lack]}</p>
        {hasFailed && <Alert>{text.signInFailed}</Alert>}
        <div class="actions">
          {goOn(text.continue)}
          {signOut}
        </div>
      </>
    );
  return (
    <SessionContext.Provider value={session}>
      {lack !== undefined ? (
        <Dialog title={text.stepUpTitle} onClose={() => setNeeded(undefined)}>
          <p>{text.stepUp[lack]}</p>
          {hasFailed && <Alert>{text.signInFailed}</Alert>}
          <div class="actions">
            {goOn(text.continue)}
            <button type="button" onClick={() => setNeeded(undefined)}>
              {text.cancel}
            </button>
          </div>
        </Dialog>
      ) : part === 'admin' ? (
        <LazyAdmin {...{ view, open, onOpen }} />
      ) : part === 'activity' ? (
        <ActivityPage />
      ) : view === '#lost' ? (
        <LostDevicePage open={open} onOpen={onOpen} />
      ) : (
        <ListPage open={open} onOpen={onOpen} />
      )}
    </SessionContext.Provider>
  );
}

/** What a sign-in lacks, by which the words are chosen. */
function lackIn(code: string, { acrValues, claims }: Challenge): 'factor' | 'age' | 'authTime' {
  if (acrValues !== undefined || claims !== undefined) return 'factor';
  return code === 'AUTH_TIME' ? 'authTime' : 'age';
}
