import { useState } from 'preact/hooks';
import { protocols } from '../../shared/domain/gateway/protocol.ts';
import { ProtocolBoxes } from '../app-passwords/protocol-boxes.tsx';
import type { Answer } from '../client/api.ts';
import type { Policy } from '../client/openapi.ts';
import { useChange } from '../client/use-change.ts';
import { useRead } from '../client/use-read.ts';
import { Alert } from '../parts/dialog.tsx';
import { Loading } from '../parts/loading.tsx';
import { Words } from '../parts/words.tsx';
import { protocolNames, useText } from '../text/text.ts';
import { useAdmin } from './use-admin.ts';

/** A policy with the version that it is, or is to replace. */
interface Versioned {
  readonly policy: Policy;
  readonly etag: string;
}

/**
 * Shows the policy, and lets administrators change it.
 *
 * @param kept what was filled in before another sign-in
 */
export function PolicyPart({ kept }: { kept: Versioned | undefined }) {
  const { api, role } = useAdmin();
  const { answer, load } = useRead(api.policy);
  if (answer?.kind !== 'ok') return <Loading answer={answer} onTryAgain={load} />;
  if (role !== 'administrator') return <PolicyFacts policy={answer.value} />;
  return (
    <PolicyForm kept={kept} current={{ policy: answer.value, etag: answer.etag ?? '' }} onReload={load} />
  );
}

function PolicyFacts({ policy }: { policy: Policy }) {
  const { words } = useAdmin();
  const { list } = useText();
  const { creation, verification, maximumLifetimeDays, idleDays, limit, protocols: allowed } = policy;
  const facts: Record<keyof Policy, string | number> = {
    creation: words.choices.creation[creation],
    verification: words.choices.verification[verification],
    maximumLifetimeDays: maximumLifetimeDays ?? words.unrestricted.maximumLifetimeDays,
    idleDays: idleDays ?? words.unrestricted.idleDays,
    limit,
    protocols:
      allowed === null
        ? words.unrestricted.protocols
        : list(allowed.map((protocol) => protocolNames[protocol])),
  };
  return (
    <dl>
      {Object.entries(facts).map(([key, fact]) => (
        <div key={key}>
          <dt>{words.policy[key as keyof Policy]}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

function PolicyForm(properties: {
  kept: Versioned | undefined;
  current: Versioned;
  /** Reads it again. */
  onReload: () => Promise<Answer<Policy>>;
}) {
  const { kept, current, onReload } = properties;
  const { api, words } = useAdmin();
  const { text } = useText();
  const [saved, setSaved] = useState(current.policy);
  const [draft, setDraft] = useState(kept ?? current);
  const [outcome, setOutcome] = useState<'saved' | 'overtaken'>();
  const { isBusy, failure, attempt } = useChange({
    act: save,
    errand: { kind: 'admin-policy', ...draft },
    onDone: setOutcome,
  });
  const { policy } = draft;
  const take = (now: Policy, etag = '') => {
    setSaved(now);
    setDraft({ policy: now, etag });
  };
  const set = (part: Partial<Policy>) => {
    setOutcome(undefined);
    setDraft({ ...draft, policy: { ...policy, ...part } });
  };

  async function save(): Promise<Answer<'saved' | 'overtaken'>> {
    const answer = await api.changePolicy(policy, draft.etag);
    if (answer.kind === 'ok') {
      take(answer.value, answer.etag);
      return { kind: 'ok', value: 'saved' };
    }
    if (answer.kind !== 'problem' || answer.slug !== 'precondition-failed') return answer;
    const now = await onReload();
    if (now.kind !== 'ok') return now;
    take(now.value, now.etag);
    return { kind: 'ok', value: 'overtaken' };
  }

  const stopsAll = policy.verification === 'denied' && saved.verification === 'allowed';
  const days = (key: 'maximumLifetimeDays' | 'idleDays') => (
    <p>
      <label for={key}>{words.policy[key]}</label>
      <input
        id={key}
        type="number"
        min="1"
        max="3650"
        value={policy[key] ?? ''}
        onInput={({ currentTarget: { value } }) => set({ [key]: value === '' ? null : Number(value) })}
        aria-describedby={`${key}-hint`}
      />
      <span class="hint" id={`${key}-hint`}>
        {words.policyHints[key]}
      </span>
    </p>
  );
  const choice = (key: 'creation' | 'verification') => (
    <p>
      <label for={key}>{words.policy[key]}</label>
      <select
        id={key}
        value={policy[key]}
        onChange={({ currentTarget: { value } }) => set({ [key]: value })}
        aria-describedby={`${key}-hint`}
      >
        {Object.entries(words.choices[key]).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <span class="hint" id={`${key}-hint`}>
        {words.policyHints[key]}
      </span>
    </p>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt();
      }}
    >
      {choice('creation')}
      {choice('verification')}
      {days('maximumLifetimeDays')}
      {days('idleDays')}
      <p>
        <label for="limit">{words.policy.limit}</label>
        <input
          id="limit"
          type="number"
          min="1"
          max="40"
          required
          value={policy.limit || ''}
          onInput={({ currentTarget: { value } }) => set({ limit: Number(value) })}
        />
      </p>
      <ProtocolBoxes
        legend={words.policy.protocols}
        among={protocols}
        chosen={policy.protocols}
        onChoose={(chosen) => set({ protocols: chosen })}
      />
      {outcome === 'overtaken' && <Alert>{words.overtaken}</Alert>}
      {failure && <Alert>{failure.words}</Alert>}
      <p role="status">{outcome === 'saved' ? words.saved : ''}</p>
      <div class="actions">
        <button type="submit" class={stopsAll ? 'danger' : 'main'} aria-busy={isBusy}>
          <Words>{isBusy ? text.loading : stopsAll ? words.saveAndStop : text.save}</Words>
        </button>
      </div>
    </form>
  );
}
