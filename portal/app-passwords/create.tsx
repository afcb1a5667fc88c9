import { useState } from 'preact/hooks';
import { protocols as allProtocols } from '../../shared/domain/gateway/protocol.ts';
import type { Answer } from '../client/api.ts';
import type {
  AppPassword,
  AppPasswordList,
  AppPasswordRequest,
  NewAppPassword,
  OwnPolicy,
} from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { CodeForPhone } from '../devices/code-for-phone.tsx';
import type { Device } from '../devices/device.ts';
import { DeviceTiles } from '../devices/tiles.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useLeaveGuard } from '../parts/leave-guard.ts';
import { useSession } from '../sign-in/session.ts';
import type { Choice, Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import type { FirstSignIn } from './first-sign-in.ts';
import { forgetCreation, noteCreation } from './left-behind.ts';
import { NameForm } from './name-form.tsx';
import { NewPassword } from './new-password.tsx';
import { ProtocolBoxes } from './protocol-boxes.tsx';

/**
 * Makes an app password: asks what it is for, shows the password once, and stays until the device has signed in.
 *
 * @param policy undefined where it could not be read: then there is only a name to choose
 */
export function CreateDialog(properties: {
  errand: Extract<Errand, { kind: 'create' }>;
  list: AppPasswordList;
  policy: OwnPolicy | undefined;
  firstSignIn: FirstSignIn | undefined;
  onCreated: (appPassword: AppPassword) => void;
  onClose: () => void;
}) {
  const { errand, list, policy, firstSignIn, onCreated, onClose } = properties;
  const { idempotencyKey } = errand;
  const { api } = useSession();
  const { text } = useText();
  const [device, setDevice] = useState(errand.device);
  const [name, setName] = useState(errand.name);
  const [choice, setChoice] = useState<Choice>({
    lifetimeDays: errand.lifetimeDays,
    protocols: errand.protocols,
  });
  const [created, setCreated] = useState<NewAppPassword>();
  // Whether the service has handed one out before is not known until it says so.
  const [mayBeFirst] = useState(list.appPasswords.length === 0);
  const [isRegistration, setRegistration] = useState(false);
  const [isAskedToWait, setAskedToWait] = useState(false);
  const attempt = useChange({
    act: make,
    errand: { kind: 'create', device, name, idempotencyKey, ...choice },
    onDone(made: NewAppPassword) {
      setCreated(made);
      onCreated(made);
    },
    limit: list.limit,
  });
  useLeaveGuard(attempt.isBusy);
  if (created !== undefined)
    return <NewPassword device={device ?? 'other'} {...{ created, isRegistration, firstSignIn, onClose }} />;

  /** The key is the same however often it is tried, so that one password at most comes of it. */
  async function make(): Promise<Answer<NewAppPassword>> {
    noteCreation({ name });
    const answer = await ask({
      name,
      ...(choice.lifetimeDays !== null && { lifetimeDays: choice.lifetimeDays }),
      ...(choice.protocols !== null && { protocols: choice.protocols }),
    });
    if (answer.kind === 'ok') noteCreation({ name, id: answer.value.id });
    // After a fault it may have been made.
    else if (answer.kind !== 'fault') forgetCreation();
    return answer;
  }

  async function ask(request: AppPasswordRequest): Promise<Answer<NewAppPassword>> {
    if (mayBeFirst) {
      const first = await api.register(request, idempotencyKey);
      if (first.kind !== 'ok') return first;
      if ('password' in first.value) {
        setRegistration(true);
        return { kind: 'ok', value: first.value };
      }
    }
    return api.create(request, idempotencyKey);
  }

  const close = () => (attempt.isBusy ? setAskedToWait(true) : onClose());
  const choose = (chosen: Device) => {
    const known = list.appPasswords.map((each) => each.name);
    const isOurs = name === '' || (device !== null && name === unusedName(text.devices[device].name, known));
    setDevice(chosen);
    if (isOurs) setName(unusedName(text.devices[chosen].name, known));
  };
  return (
    <Dialog title={text.createTitle} onClose={close}>
      <NameForm
        {...{ name, attempt }}
        hint={text.nameHint}
        onName={setName}
        onClose={close}
        submit={text.next}
        before={<DeviceTiles chosen={device ?? undefined} onChoose={choose} />}
      >
        {(device === 'iphone' || device === 'android') && <CodeForPhone path="/" words={text.otherPhone} />}
        {policy && <MoreOptions {...{ policy, choice }} onChoice={setChoice} />}
        <p role="status">{isAskedToWait && attempt.isBusy && <span>{text.stillMaking}</span>}</p>
      </NameForm>
    </Dialog>
  );
}

/** A name that is not there yet: of several iPhones, the second is "iPhone 2". */
function unusedName(name: string, known: readonly string[]): string {
  if (name === '') return '';
  let unused = name;
  for (let count = 2; known.includes(unused); count++) unused = `${name} ${count}`;
  return unused;
}

/** In days; as much as may be chosen of it. */
const lifetimes = [30, 90, 365];

/** Closed for who needs none of it, which is nearly everybody. */
function MoreOptions(properties: { policy: OwnPolicy; choice: Choice; onChoice: (choice: Choice) => void }) {
  const { policy, choice, onChoice } = properties;
  const { text } = useText();
  const [isOpen] = useState(choice.lifetimeDays !== null || choice.protocols !== null);
  const maximum = policy.maximumLifetimeDays;
  return (
    <details open={isOpen}>
      <summary>{text.moreOptions}</summary>
      <label for="lifetime">{text.lifetime}</label>
      <select
        id="lifetime"
        value={`${choice.lifetimeDays ?? ''}`}
        onChange={({ currentTarget: { value } }) =>
          onChoice({ ...choice, lifetimeDays: value === '' ? null : Number(value) })
        }
      >
        <option value="">{maximum === null ? text.noExpiry : text.atMostDays(maximum)}</option>
        {lifetimes
          .filter((days) => maximum === null || days < maximum)
          .map((days) => (
            <option key={days} value={`${days}`}>
              {text.inDays(days)}
            </option>
          ))}
      </select>
      <ProtocolBoxes
        legend={text.protocolsFor}
        among={policy.protocols ?? allProtocols}
        chosen={choice.protocols}
        onChoose={(protocols) => onChoice({ ...choice, protocols })}
      />
    </details>
  );
}
