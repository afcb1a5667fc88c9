import type { SecretClient } from '@azure/keyvault-secrets';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import type { Invocation } from '../command.ts';
import { Refused } from '../refused.ts';

/** How long, in milliseconds, a new role may take to reach the vault, and how often it is tried. */
export const roleSpreadsWithin = 10 * 60_000;
const triedEvery = 5_000;

/** How Key Vault words that its network is closed to the caller. */
const closedNetwork = ['ForbiddenByConnection', 'ForbiddenByFirewall'];

/** Whether the vault refuses the caller, by role or by network. */
export function isRefusal(error: unknown): boolean {
  return (error as { statusCode?: number }).statusCode === 403;
}

/** The client drops the reason of a refused list, so something that holds no secret is asked for once more. */
async function isNetworkClosed(vault: SecretClient): Promise<boolean> {
  try {
    await vault.getDeletedSecret(pepperSecret);
    return false;
  } catch (error) {
    const { details } = error as { details?: { error?: { innerError?: { code?: string } } } };
    return closedNetwork.includes(details?.error?.innerError?.code ?? '');
  }
}

/**
 * Does something with the vault as soon as the role is there that the deployment has just given.
 *
 * @param options.pause waits for so many milliseconds
 * @throws Refused where the role does not come, or the vault's network is closed
 */
export async function onceAllowed<T>(
  vault: SecretClient,
  task: () => Promise<T>,
  {
    print,
    pause,
  }: Pick<Invocation, 'print'> & { readonly pause: (milliseconds: number) => Promise<unknown> },
): Promise<T> {
  for (let waited = 0; ; waited += triedEvery) {
    try {
      return await task();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (await isNetworkClosed(vault)) throw new Refused(networkIsClosed);
      if (waited >= roleSpreadsWithin) throw new Refused(roleIsMissing);
      if (waited === 0)
        print('The role on the Key Vault has not reached it yet: waiting, up to 10 minutes ...');
    }
    await pause(triedEvery);
  }
}

const networkIsClosed = `The Key Vault answers only inside its private network. Run "azd up" again on a machine there, or over a VPN into it;
what is done stays done.`;

const roleIsMissing = `The Key Vault still refuses you after 10 minutes. The role Key Vault Secrets Officer belongs to the group OPERATORS_GROUP_ID,
or else to whoever deploys: somebody of these runs "azd up", or "npm run pepper -- init" and then "azd deploy".`;
