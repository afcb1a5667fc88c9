import type { SecretClient } from '@azure/keyvault-secrets';
import { gatewayKeyPrefix } from '../../shared/key-vault/gateway-keys.ts';
import type { Invocation } from '../command.ts';
import { addGateway } from '../gateway-registry.ts';
import { isRefusal } from './vault-access.ts';

const [name, protocols] = ['mail', 'imap,smtp'];
const command = `npm run --silent gateway -- add ${name} --protocols ${protocols}`;

/**
 * Adds the first gateway and shows its key, this once, on a terminal; where no terminal is, a log would keep the key,
 * so only the command is told. Where there ever was a gateway, nothing happens.
 *
 * @param terminal whether what is printed goes to a person
 */
export async function ensureGateway(
  vault: SecretClient,
  terminal: boolean,
  print: Invocation['print'],
): Promise<void> {
  if (!terminal) {
    print(
      `No gateway key is shown here. Where there is no gateway yet, an operator adds it:\n\n  ${command}`,
    );
    return;
  }
  try {
    if (await hasGateway(vault)) return;
    const key = await addGateway(vault, name, { protocols });
    print(`The first gateway is "${name}", for ${protocols}. Its key is shown this once:\n\n  ${key}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    print(`The Key Vault refuses you here, so an operator adds the first gateway:\n\n  ${command}`);
  }
}

/** Also one that was removed: its keys are disabled, and stay. */
async function hasGateway(vault: SecretClient): Promise<boolean> {
  for await (const { name } of vault.listPropertiesOfSecrets())
    if (name.startsWith(gatewayKeyPrefix)) return true;
  return false;
}
