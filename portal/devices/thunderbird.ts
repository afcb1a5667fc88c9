import type { MailServer } from '../../shared/settings/portal-settings.ts';
export function thunderbirdCodes(_: readonly MailServer[], __: string): readonly string[] {
  return [];
}
