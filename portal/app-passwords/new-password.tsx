import { Check, Clock, Copy } from 'lucide';
import { useEffect, useId, useState } from 'preact/hooks';
import type { NewAppPassword } from '../client/openapi.ts';
import type { Device } from '../devices/device.ts';
import { DeviceSetup } from '../devices/setup.tsx';
import { copyText } from '../parts/copy.tsx';
import { Alert, Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLeaveGuard } from '../parts/leave-guard.ts';
import { Words } from '../parts/words.tsx';
import { useSession } from '../sign-in/session.ts';
import { useText } from '../text/text.ts';
import type { FirstSignIn } from './first-sign-in.ts';
import { forgetCreation } from './left-behind.ts';

/** The password, this once, with what to do with it on the device. It leaves the page when the dialog closes. */
export function NewPassword(properties: {
  created: NewAppPassword;
  device: Device;
  /** Whether it is the one that is handed out on registration. */
  isRegistration: boolean;
  firstSignIn: FirstSignIn | undefined;
  onClose: () => void;
}) {
  const { created, device, isRegistration, firstSignIn, onClose } = properties;
  const { name, password } = created;
  const { api } = useSession();
  const { text } = useText();
  const [isCopied, setCopied] = useState(false);
  const [said, setSaid] = useState('');
  const [isAsking, setAsking] = useState(false);
  const intro = useId();
  // Since the list was read, the person may have got another username.
  useEffect(() => void api.list(), [api]);
  const isSafe = isCopied || firstSignIn === 'done';
  useLeaveGuard(!isSafe);
  const leave = () => {
    forgetCreation();
    onClose();
  };
  const close = () => (isSafe ? leave() : setAsking(!isAsking));
  const copy = async () => {
    const isDone = await copyText(password);
    setCopied(isCopied || isDone);
    setSaid(isDone ? text.copied : text.copyFailed);
    if (isDone) forgetCreation();
  };
  const progress =
    firstSignIn === 'done' ? text.signedInNow(name) : firstSignIn === 'late' ? text.notYet(name) : said;

  return (
    <Dialog title={isRegistration ? text.firstPassword : text.password} onClose={close} describedBy={intro}>
      <p id={intro}>{text.passwordIntro(name)}</p>
      <p class="password" translate={false}>
        {password.split('-').map((group, index) => (
          <span key={`${index}${group}`}>{index === 4 ? group : `${group}-`}</span>
        ))}
      </p>
      <button type="button" class="main wide" onClick={copy}>
        <Icon drawing={isCopied ? Check : Copy} />
        <Words>{isCopied ? text.copied : text.copy}</Words>
      </button>
      <p role="status" class={firstSignIn === 'done' ? 'success' : 'hint'}>
        {progress !== '' && <Words>{progress}</Words>}
      </p>
      {firstSignIn === 'waiting' && isCopied && (
        <p class="hint">
          <Icon drawing={Clock} /> {text.waiting(name)}
        </p>
      )}
      <p>
        <strong>{text.once}</strong> {text.neverAsked}
      </p>
      <DeviceSetup device={device} onCopied={setSaid} />
      {isAsking && <Alert>{text.closeUncopied}</Alert>}
      <div class="actions">
        {isAsking && (
          <button type="button" class="main" onClick={() => setAsking(false)}>
            {text.keepOpen}
          </button>
        )}
        <button type="button" onClick={isAsking ? leave : close}>
          <Words>{isAsking ? text.closeAnyway : text.close}</Words>
        </button>
      </div>
    </Dialog>
  );
}
