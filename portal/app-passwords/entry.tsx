import { ChevronDown, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import type { Activity, AppPassword } from '../client/openapi.ts';
import { drawingFor } from '../devices/drawing.ts';
import { Icon } from '../parts/icon.tsx';
import { Words } from '../parts/words.tsx';
import type { Errand } from '../sign-in/sign-in.ts';
import { useText } from '../text/text.ts';
import { badgeOf, StateBadge } from './badge.tsx';
import { Details } from './details.tsx';

/** One app password in the list; more of it on demand. */
export function Entry(properties: {
  appPassword: AppPassword;
  activity: Activity | undefined;
  onOpen: (errand: Errand) => void;
}) {
  const { appPassword, activity, onOpen } = properties;
  const { id, name, lastUsed, suspendedFor } = appPassword;
  const { text, ago } = useText();
  const [isOpen, setOpen] = useState(false);
  const badge = badgeOf(appPassword, activity);
  const use = lastUsed?.protocol ? (text.uses[lastUsed.protocol] ?? '') : '';
  const reason = activity?.refusals.find((each) => each.appPassword.id === id)?.recent[0]?.reason;
  return (
    <li>
      <Icon drawing={drawingFor(name)} />
      <div class="what">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <p>
          <StateBadge badge={badge} />{' '}
          {lastUsed !== null && <Words>{text.usedAgo(ago(lastUsed.at), use)}</Words>}
        </p>
      </div>
      <button
        type="button"
        id={`details-${id}`}
        class="quiet"
        aria-label={text.detailsOf(name)}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon drawing={ChevronDown} />
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={text.deleteOf(name)}
        onClick={() => onOpen({ kind: 'delete', id })}
      >
        <Icon drawing={Trash2} />
      </button>
      {isOpen && (
        <div class="details">
          {badge === 'refused' && reason !== undefined && <p>{text.reasons[reason] ?? text.otherReason}</p>}
          <Details appPassword={appPassword} />
          <div class="actions">
            {suspendedFor?.join() === 'idle' && (
              <button
                type="button"
                aria-label={text.reviveOf(name)}
                onClick={() => onOpen({ kind: 'revive', id })}
              >
                {text.revive}
              </button>
            )}
            <button
              type="button"
              aria-label={text.renameOf(name)}
              onClick={() => onOpen({ kind: 'rename', id, name })}
            >
              {text.rename}
            </button>
          </div>
        </div>
      )}
    </li>
  );
}
