import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import { QrCode } from './qr-code.tsx';
import { thunderbirdCodes } from './thunderbird.ts';

/** The settings for Thunderbird on Android, as QR codes that it scans one after the other; no password is in them. */
export function ThunderbirdCodes() {
  const { settings, username } = useSession();
  const { text } = useText();
  const codes = thunderbirdCodes(settings.mailServers, username);
  if (codes.length === 0) return null;
  return (
    <>
      <h3>{text.newAccount}</h3>
      <p>{text.thunderbirdHelp}</p>
      {codes.map((code, index) => (
        <div class="code" key={code}>
          <QrCode text={code} label={text.thunderbirdCode(index + 1, codes.length)} />
        </div>
      ))}
    </>
  );
}
