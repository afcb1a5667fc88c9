import type { MailServer } from '../../shared/settings/portal-settings.ts';
import { CopyButton } from '../parts/copy.tsx';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import { CodeForPhone, isOnDesktop } from './code-for-phone.tsx';
import type { Device } from './device.ts';
import { ThunderbirdCodes } from './thunderbird-codes.tsx';

/**
 * What to do on the device, and what to type there beside the password.
 *
 * @param onCopied is told what to say
 */
export function DeviceSetup({ device, onCopied }: { device: Device; onCopied: (said: string) => void }) {
  const { settings, username } = useSession();
  const { text } = useText();
  const { profile, mailServers } = settings;
  const isApple = device === 'iphone' || device === 'mac';
  const doesThunderbird = device === 'android' || device === 'thunderbird';
  return (
    <>
      <h3>{text.stepsTitle}</h3>
      <ol class="steps">
        {text.steps[device].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {isApple && profile && (
        <>
          <h3>{text.newAccount}</h3>
          <p>
            {text.profileHelp} {!profile.isSigned && text.profileUnsigned}
          </p>
          <p>
            <a class="button" href={profile.path} download>
              {text.profile}
            </a>
          </p>
          {device === 'iphone' && <CodeForPhone path={profile.path} words={text.profileOnPhone} />}
        </>
      )}
      {doesThunderbird && isOnDesktop && <ThunderbirdCodes />}
      <h3>{text.settings}</h3>
      <dl class="settings">
        <Fact name={text.username} value={username} onCopied={onCopied} />
        {mailServers.filter(isFor(device)).map((server) => (
          <Fact
            key={server.name}
            name={server.name}
            value={server.host}
            more={[
              server.port !== null && `${text.port} ${server.port}`,
              server.security !== null && text.security[server.security],
            ]}
            onCopied={onCopied}
          />
        ))}
      </dl>
    </>
  );
}

/** What is typed into a device, with a button that copies it. */
function Fact(properties: {
  name: string;
  value: string;
  more?: readonly (string | false)[];
  onCopied: (said: string) => void;
}) {
  const { name, value, more = [], onCopied } = properties;
  const said = more.filter(Boolean).join(', ');
  return (
    <div>
      <dt>{name}</dt>
      <dd translate={false}>{value}</dd>
      <dd>
        <CopyButton what={name} value={value} onCopied={onCopied} />
      </dd>
      {said !== '' && <dd class="hint">{said}</dd>}
    </div>
  );
}

/** A printer or scanner sends mail, and does nothing else; nothing is left out where nothing is left. */
function isFor(device: Device): (server: MailServer, index: number, all: readonly MailServer[]) => boolean {
  return ({ protocol }, _, all) =>
    device !== 'printer' || protocol === 'smtp' || all.every((each) => each.protocol !== 'smtp');
}
