import { hash, timingSafeEqual } from 'node:crypto';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../domain/clock.ts';
import type { Gateway } from '../domain/gateway/gateway.ts';
import { type Protocol, parseProtocol } from '../domain/gateway/protocol.ts';
import { Unavailable } from '../domain/unavailable.ts';
import type { GoesOnWith } from '../domain/username/username.ts';
import { Refreshed } from '../runtime/refreshed.ts';
import { encode, MalformedSecret, readEnabled, type SecretVersion } from './secret-versions.ts';

/** A gateway's key is the Key Vault secret with this prefix before the gateway's name. */
export const gatewayKeyPrefix = 'gateway-key--';

/** The tag of that secret which says for which protocols the gateway may speak, separated by commas. */
export const protocolsTag = 'protocols';

/**
 * The tag of that secret which says with which username the gateway goes on, `canonical` or `typed`. A key without it is
 * from before the tag was known, and counts as `typed`.
 */
export const usernameTag = 'username';

interface Held {
  readonly secrets: ReadonlyMap<string, readonly SecretVersion[]>;
  readonly keys: readonly { readonly digest: Buffer; readonly gateway: Gateway }[];
}

export interface GatewayKeys {
  /**
   * The gateway that a key belongs to. A key that is not known starts one refresh, at most one in 10 seconds.
   *
   * @returns undefined where no gateway has this key.
   * @throws Unavailable where Key Vault is away and so nobody can tell.
   */
  gatewayOf(key: string, signal: AbortSignal): Promise<Gateway | undefined>;
  /** Reads the keys if that was not done yet. @throws Unavailable when Key Vault is away. */
  ready(signal: AbortSignal): Promise<void>;
}

/** The keys by which gateways prove themselves; each has a name and one of its own, or two during its rotation. */
export function gatewayKeysIn(
  vault: SecretClient,
  clock: Clock,
  {
    failed,
    refused = () => {},
  }: {
    /** Is told why Key Vault could not be read. */
    readonly failed: (error: unknown) => void;
    /** Is told of each key that belongs to no gateway. */
    readonly refused?: () => void;
  },
): GatewayKeys {
  /** One gateway's malformed secret must not keep the others out. */
  const readUsable = async (
    name: string,
    known: readonly SecretVersion[] | undefined,
    signal: AbortSignal,
  ) => {
    try {
      return await readEnabled(vault, { name, known }, signal);
    } catch (error) {
      if (!(error instanceof MalformedSecret)) throw error;
      failed(error);
      return [];
    }
  };
  const load = async (held: Held | undefined, signal: AbortSignal): Promise<Held> => {
    const names: string[] = [];
    for await (const { name } of vault.listPropertiesOfSecrets({ abortSignal: signal })) {
      if (name.startsWith(gatewayKeyPrefix)) names.push(name);
    }
    const read = async (name: string) =>
      [name, await readUsable(name, held?.secrets.get(name), signal)] as const;
    const secrets = new Map(await Promise.all(names.map(read)));
    const keys = [...secrets].flatMap(([name, versions]) => versions.map((version) => keyOf(name, version)));
    return { secrets, keys };
  };
  const refreshed = new Refreshed(load, { clock, failed });

  return {
    async gatewayOf(key, signal) {
      const digest = sha256(key);
      const known = find((await refreshed.read(signal)).value, digest);
      if (known !== undefined) return known;
      const current = await refreshed.demand(signal);
      const found = find((await refreshed.read(signal)).value, digest);
      if (found === undefined && !current)
        throw new Unavailable('Key Vault is away, so the gateway key may be new');
      if (found === undefined) refused();
      return found;
    },
    async ready(signal) {
      await refreshed.read(signal);
    },
  };
}

function keyOf(secretName: string, { value, tags }: SecretVersion): Held['keys'][number] {
  const protocols = (tags[protocolsTag] ?? '')
    .split(',')
    .map(parseProtocol)
    .filter((protocol): protocol is Protocol => protocol !== undefined);
  const name = secretName.slice(gatewayKeyPrefix.length);
  return { digest: sha256(encode(value)), gateway: { name, protocols, goesOnWith: goesOnWith(tags) } };
}

/** With which username a gateway goes on, by the tags of its secret. */
export function goesOnWith(tags: Readonly<Record<string, string>> = {}): GoesOnWith {
  return tags[usernameTag] === 'canonical' ? 'canonical' : 'typed';
}

/** Compares with every key, in a time that does not depend on which one it is. */
function find({ keys }: Held, digest: Buffer): Gateway | undefined {
  return keys.filter((key) => timingSafeEqual(key.digest, digest))[0]?.gateway;
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
