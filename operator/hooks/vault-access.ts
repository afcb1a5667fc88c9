import { Refused } from '../../shared/refused.ts';

/** How long, in milliseconds, a new role may take to reach the vault, and how often it is tried. */
export const roleSpreadsWithin = 10 * 60_000;
const triedEvery = 5_000;

/** How Key Vault words that its network is closed to the caller. */
const closedNetwork = ['ForbiddenByConnection', 'ForbiddenByFirewall'];

/** Why the vault refuses somebody; undefined for every other failure. */
export function refusalOf(error: unknown): 'role' | 'network' | undefined {
  const { statusCode, response } = error as {
    statusCode?: number;
    response?: { bodyAsText?: string | null };
  };
  if (statusCode !== 403) return undefined;
  return closedNetwork.some((code) => response?.bodyAsText?.includes(code)) ? 'network' : 'role';
}

/**
 * Does something with the vault as soon as the role is there that the deployment has just given.
 *
 * @param pause waits for so many milliseconds
 * @throws Refused where the role does not come, or the vault's network is closed
 */
export async function onceAllowed<T>(
  task: () => Promise<T>,
  pause: (milliseconds: number) => Promise<unknown>,
): Promise<T> {
  for (let waited = 0; ; waited += triedEvery) {
    try {
      return await task();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      if (refusal === 'network') throw new Refused(networkIsClosed);
      if (waited >= roleSpreadsWithin) throw new Refused(roleIsMissing);
      if (waited === 0)
        console.log('The role on the Key Vault has not reached it yet: waiting, up to 10 minutes ...');
    }
    await pause(triedEvery);
  }
}

const networkIsClosed = `The Key Vault answers only inside its private network. Run "azd up" again on a machine there, or over a VPN into it;
what is done stays done.`;

const roleIsMissing = `The Key Vault still refuses you after 10 minutes. The role Key Vault Secrets Officer belongs to who deployed first, or to the
group OPERATORS_GROUP_ID: somebody of these runs "azd up", or "npm run pepper -- init" and then "azd deploy".`;
