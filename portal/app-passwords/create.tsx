import { useEffect, useState } from 'preact/hooks';
import { protocols as allProtocols } from '../../shared/domain/gateway/protocol.ts';
import type { Answer } from '../client/api.ts';
import type { AppPasswordRequest, NewAppPassword, OwnPolicy } from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { Alert, Dialog } from '../parts/dialog.tsx';
import { useSession } from '../sign-in/session.ts';
import type { Choice } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { NameForm } from './name-form.tsx';
import { ProtocolBoxes } from './protocol-boxes.tsx';

/**
 * Makes an app password: asks for a name, and shows the password once.
 *
 * @param mayBeFirst whether it may be the one that is handed out on registration
 * @param policy undefined where it could not be read: then there is only a name to choose
 */
export function CreateDialog(properties: {
  mayBeFirst: boolean;
  limit: number;
  policy: OwnPolicy | undefined;
  name: string;
  choice: Choice;
  idempotencyKey: string;
  onClose: () => void;
}) {
  const { mayBeFirst, limit, policy, idempotencyKey, onClose } = properties;
  const { api } = useSession();
  const { text } = useText();
  const [name, setName] = useState(properties.name);
  const [choice, setChoice] = useState(properties.choice);
  const [created, setCreated] = useState<NewAppPassword>();
  const [isRegistration, setRegistration] = useState(false);
  const attempt = useChange(make, { kind: 'create', name, idempotencyKey, ...choice }, setCreated, limit);
  if (created !== undefined) return <Shown {...{ created, isRegistration, onClose }} />;

  /** The key is the same however often it is tried, so that one password at most comes of it. */
  async function make(): Promise<Answer<NewAppPassword>> {
    const request = requestOf(name, choice);
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

  return (
    <Dialog title={text.createTitle} onClose={onClose}>
      <NameForm
        {...{ name, attempt, onClose }}
        onName={setName}
        suggestions={text.suggestions}
        submit={text.next}
      >
        {policy && <MoreOptions {...{ policy, choice }} onChoice={setChoice} />}
      </NameForm>
    </Dialog>
  );
}

/** Closed for who needs none of it, which is nearly everybody. */
function MoreOptions(properties: { policy: OwnPolicy; choice: Choice; onChoice: (choice: Choice) => void }) {
  const { policy, choice, onChoice } = properties;
  const { text, date } = useText();
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
        <option value="">{maximum === null ? text.noExpiry : text.atMostUntil(date(inDays(maximum)))}</option>
        {text.lifetimes
          .filter(({ days }) => maximum === null || days <= maximum)
          .map(({ days, words }) => (
            <option key={days} value={`${days}`}>
              {words}
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

function requestOf(name: string, { lifetimeDays, protocols }: Choice): AppPasswordRequest {
  return {
    name,
    ...(lifetimeDays !== null && { expiresAt: inDays(lifetimeDays) }),
    ...(protocols !== null && { protocols }),
  };
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** The password, this once. It leaves the page when the dialog closes. */
function Shown(properties: { created: NewAppPassword; isRegistration: boolean; onClose: () => void }) {
  const { created, isRegistration, onClose } = properties;
  const { api, settings, username } = useSession();
  const { text } = useText();
  const [copied, setCopied] = useState<'not' | 'done' | 'failed'>('not');
  const [isAsking, setAsking] = useState(false);
  // Since the list was read, the person may have got another username.
  useEffect(() => void api.list(), [api]);
  const close = () => (copied === 'done' || isAsking ? onClose() : setAsking(true));
  const copy = () =>
    navigator.clipboard.writeText(created.password).then(
      () => setCopied('done'),
      () => setCopied('failed'),
    );

  return (
    <Dialog title={isRegistration ? text.firstPassword : text.password} onClose={close}>
      <p>{text.passwordIntro(created.name)}</p>
      <p class="password" translate={false}>
        {created.password.split('-').map((group, index) => (
          <span key={`${index}${group}`}>{index === 4 ? group : `${group}-`}</span>
        ))}
      </p>
      <button type="button" class="main wide" onClick={copy}>
        {copied === 'done' ? `✓ ${text.copied}` : text.copy}
      </button>
      <p role="status" class="hint">
        {copied === 'done' ? text.copied : copied === 'failed' ? text.copyFailed : ''}
      </p>
      <p>
        <strong>{text.once}</strong>
      </p>
      <p>{text.neverAsked}</p>
      <h3>{text.settings}</h3>
      <dl class="settings">
        {[{ name: text.username, address: username }, ...settings.mailServers].map(({ name, address }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{address}</dd>
          </div>
        ))}
      </dl>
      {isAsking && <Alert>{text.closeUncopied}</Alert>}
      <div class="actions">
        {isAsking && (
          <button type="button" class="main" onClick={() => setAsking(false)}>
            {text.keepOpen}
          </button>
        )}
        <button type="button" onClick={close}>
          {isAsking ? text.closeAnyway : text.close}
        </button>
      </div>
    </Dialog>
  );
}
