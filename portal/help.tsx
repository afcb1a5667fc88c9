import type { PortalSettings } from '../shared/settings/portal-settings.ts';
import { SignInButton } from './home.tsx';
import { Heading } from './parts/heading.tsx';
import type { Boot } from './sign-in/boot.ts';
import { useText } from './text/text.ts';

/** "Do I need one?": who needs none, and where the app passwords of an account are made. */
export function NeedPage({ links }: { links: PortalSettings['links'] }) {
  const { text } = useText();
  const questions = ['personal', 'work', 'azure', 'unsure'] as const;
  return (
    <>
      <Heading>{text.needTitle}</Heading>
      {text.need.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <h2>{text.needWhich}</h2>
      <ol class="questions">
        {questions.map((question) => {
          const isHere = links[question] === 'here';
          return (
            <li key={question}>
              <p>{text.needQuestions[question]}</p>
              <a href={isHere ? '#list' : links[question]}>{isHere ? text.needHere : text.needElsewhere}</a>
            </li>
          );
        })}
      </ol>
      <h2>{text.needAfter}</h2>
      <ul>
        {(['factor', 'authenticator'] as const).map((link) => (
          <li key={link}>
            <a href={links[link]}>{text.needNext[link]}</a>
          </li>
        ))}
      </ul>
      <a href="#list">{text.home}</a>
    </>
  );
}

/** What to do when a device or a password is in wrong hands, for who is not signed in. */
export function LostPage({ boot }: { boot: Boot }) {
  const { text } = useText();
  return (
    <>
      <Heading>{text.lostTitle}</Heading>
      {text.lost.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {boot.kind === 'ready' && <SignInButton boot={boot} words={text.lostSignIn} />}
      <LostFactor settings={'settings' in boot ? boot.settings : undefined} />
      <p>
        <a href="#list">{text.home}</a>
      </p>
    </>
  );
}

/** What to do without the second factor, which no app password brings back. */
export function LostFactor({ settings }: { settings: PortalSettings | undefined }) {
  const { text } = useText();
  const { factorLost } = settings?.links ?? {};
  return (
    <>
      <h2>{text.lostFactorTitle}</h2>
      <p>{text.lostFactor}</p>
      <p>
        {factorLost ? (
          <a href={factorLost}>{text.lostFactorLink}</a>
        ) : (
          settings?.support && <a href={settings.support}>{text.support}</a>
        )}
      </p>
    </>
  );
}
