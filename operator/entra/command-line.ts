import type { DeploymentSettings } from '../../shared/settings/settings.ts';

/**
 * A command for somebody who has nothing of this environment: with all that it reads from there, in a form that every shell takes.
 *
 * @param command as in "policy --apply"
 */
export function commandLine(settings: DeploymentSettings, command: string): string {
  const { AZURE_ENV_NAME, AZURE_TENANT_ID, MFA_EVIDENCE, EMERGENCY_ACCOUNTS, PORTAL_URL, APP_PRINCIPAL_ID } =
    settings;
  const said = {
    AZURE_ENV_NAME,
    AZURE_TENANT_ID,
    ...(MFA_EVIDENCE !== 'amr:mfa' && { MFA_EVIDENCE }),
    ...(EMERGENCY_ACCOUNTS.length > 0 && { EMERGENCY_ACCOUNTS: EMERGENCY_ACCOUNTS.join() }),
    ...(command === 'apply' && {
      PORTAL_URL,
      APP_PRINCIPAL_ID,
      ...(!settings.FOLLOW_DIRECTORY && { FOLLOW_DIRECTORY: 'false' }),
    }),
  };
  const words = Object.entries(said).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  );
  return ['npm run entra --', command, ...words].join(' ');
}
