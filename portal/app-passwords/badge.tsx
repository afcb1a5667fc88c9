import { CircleCheck, CirclePause, CircleX, Clock, TriangleAlert } from 'lucide';
import { now } from '../client/clock.ts';
import type { Activity, AppPassword } from '../client/openapi.ts';
import { type Drawing, Icon } from '../parts/icon.tsx';
import type { Text } from '../text/languages/en.ts';
import { useText } from '../text/text.ts';

type Badge = keyof Text['badges'];

const drawings: Readonly<Record<Badge, Drawing>> = {
  working: CircleCheck,
  unused: Clock,
  paused: CirclePause,
  expired: CircleX,
  refused: TriangleAlert,
  unknown: TriangleAlert,
};

/** So long, in milliseconds, a refusal is worth a word. */
const recently = 7 * 86_400_000;

/** Whether a device was refused lately, in the time of the service. */
export function isRecent(at: string | undefined): boolean {
  return at !== undefined && Date.parse(at) > now() - recently;
}

/** What of an app password is told at a glance. */
export function badgeOf(appPassword: AppPassword, activity: Activity | undefined): Badge {
  const { id, state, protocols, lastUsed } = appPassword;
  if (state === 'expired') return 'expired';
  if (state === 'suspended') return 'paused';
  if (state !== 'active') return 'unknown';
  if (protocols?.length === 0) return 'refused';
  const refusal = activity?.refusals.find((each) => each.appPassword.id === id)?.recent[0];
  // It was refused while it was paused, and is not any more.
  const isOver = refusal?.reason === 'suspended';
  if (!isOver && isRecent(refusal?.at) && (refusal?.at ?? '') > (lastUsed?.at ?? '')) return 'refused';
  return lastUsed === null ? 'unused' : 'working';
}

export function StateBadge({ badge }: { badge: Badge }) {
  const { text } = useText();
  return (
    <span key={badge} class={`badge ${badge}`}>
      <Icon drawing={drawings[badge]} />
      {text.badges[badge]}
    </span>
  );
}
