import type { Link, PortalSettings } from '../shared/settings/portal-settings.ts';
import { useText } from './text/text.ts';

/** "Do I need one?": which account, and where its app passwords are made. */
export function NeedPage({ links }: { links: PortalSettings['links'] }) {
  const { text } = useText();
  const address = (link: string) => (link === 'here' ? '#list' : links[link as Link]);
  return (
    <>
      <h2>{text.needTitle}</h2>
      {text.need.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <h3>{text.needWhich}</h3>
      <dl class="choices">
        {text.needChoices.map(({ question, answer, link }) => (
          <div key={link}>
            <dt>{question}</dt>
            <dd>
              <a href={address(link)}>{answer}</a>
            </dd>
          </div>
        ))}
      </dl>
      <h3>{text.needAfter}</h3>
      <ul>
        {text.needNext.map(({ answer, link }) => (
          <li key={link}>
            <a href={address(link)}>{answer}</a>
          </li>
        ))}
      </ul>
      <a href="#list">{text.home}</a>
    </>
  );
}

/** What to do when a device or a password is in wrong hands. */
export function LostPage() {
  const { text } = useText();
  return (
    <>
      <h2>{text.lostTitle}</h2>
      {text.lost.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <a href="#list">{text.back}</a>
    </>
  );
}
