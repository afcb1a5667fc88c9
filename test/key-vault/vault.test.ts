import { beforeEach, describe, expect, test, vi } from 'vitest';
import { localVaultToken, startKeyVault } from '../../local/key-vault.ts';
import { macKeySecret, makeMacKey, newestMacKey, readMacKeys } from '../../operator/backup/mac-key.ts';
import {
  addGateway,
  finishGateway,
  listGateways,
  removeGateway,
  rotateGateway,
  setUsername,
} from '../../operator/gateway-registry.ts';
import { initPepper, rotatePepper } from '../../operator/pepper-rotation.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { openVault } from '../../shared/key-vault/client.ts';
import { type GatewayKeys, gatewayKeysIn } from '../../shared/key-vault/gateway-keys.ts';
import { pepperIn, pepperSecret } from '../../shared/key-vault/pepper.ts';
import { FakeClock } from '../../testing/clock.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';

type KeyVault = Awaited<ReturnType<typeof startKeyVault>>;

const started = Date.parse('2026-11-24T12:00:00Z');
let clock: FakeClock;
let keyVault: KeyVault;
let proxy: TcpProxy;
let vault: ReturnType<typeof openVault>;
/** The operator's own way to the vault, which is never away. */
let direct: ReturnType<typeof openVault>;

function open(url: string) {
  const { certificate } = keyVault;
  return openVault(
    {
      VARIANT: 'local',
      TABLES_CONNECTION_STRING: 'unused',
      KEY_VAULT_URL: url,
      KEY_VAULT_CERTIFICATE: certificate,
      KEY_VAULT_TOKEN: localVaultToken,
    },
    () => {
      throw new Error('unused');
    },
  );
}

beforeEach(async () => {
  clock = new FakeClock(started);
  keyVault = await startKeyVault({ port: 0, now: clock.now });
  proxy = await startTcpProxy(Number(new URL(keyVault.url).port));
  vault = open(`https://127.0.0.1:${proxy.port}`);
  direct = open(keyVault.url);
  return async () => {
    proxy.close();
    await keyVault.close();
  };
});

/** Time enough for one request in a test of what happens while the vault is away. */
const briefly = () => AbortSignal.timeout(200);
const patiently = () => AbortSignal.timeout(5_000);

describe('The pepper', () => {
  const pepper = () => pepperIn(vault, clock, () => {});
  const versions = async (from: ReturnType<typeof pepper>) => {
    const { enabled, writing, stale } = await from.read(patiently());
    return { enabled: enabled.map(({ version }) => version), writing: writing.version, stale };
  };

  test('is unavailable before there is one, and before it was ever read', async () => {
    await expect(pepper().read(patiently())).rejects.toThrow(Unavailable);
    await initPepper(direct);
    proxy.mode('hang');
    await expect(pepper().read(briefly())).rejects.toThrow(Unavailable);
  });

  test('is read without a restart once the vault is back', async () => {
    const version = await initPepper(direct);
    const held = pepper();
    proxy.mode('away');
    await expect(held.read(briefly())).rejects.toThrow(Unavailable);
    proxy.mode('pass');
    await vi.waitFor(async () => {
      clock.advance({ seconds: 2 });
      expect(await versions(held)).toMatchObject({ enabled: [version] });
    }, 10_000);
  });

  test('is refused when a version holds anything but 32 bytes', async () => {
    await direct.setSecret(pepperSecret, 'c2hvcnQ');
    await expect(pepper().read(patiently())).rejects.toThrow(Unavailable);
  });

  test('is read anew in the background once it is 5 minutes old, and waited for once it is 15 minutes old', async () => {
    const first = await initPepper(direct);
    const held = pepper();
    expect(await versions(held)).toMatchObject({ enabled: [first] });
    clock.advance({ minutes: 4 });
    const second = await rotatePepper(direct);
    expect(await versions(held)).toMatchObject({ enabled: [first] });
    clock.advance({ minutes: 2 });
    expect(await versions(held)).toMatchObject({ enabled: [first] });
    await vi.waitFor(async () => expect(await versions(held)).toMatchObject({ enabled: [second, first] }));

    await direct.updateSecretProperties(pepperSecret, first, { enabled: false });
    clock.advance({ minutes: 16 });
    expect(await versions(held)).toEqual({ enabled: [second], writing: second, stale: false });
  });

  test('survives an outage of 20 minutes, and says that its list is old', async () => {
    const version = await initPepper(direct);
    const held = pepper();
    await versions(held);
    proxy.mode('away');
    clock.advance({ minutes: 14 });
    expect(await versions(held)).toEqual({ enabled: [version], writing: version, stale: false });
    clock.advance({ minutes: 6 });
    expect(await versions(held)).toEqual({ enabled: [version], writing: version, stale: true });
    proxy.mode('pass');
    await vi.waitFor(async () => {
      clock.advance({ seconds: 31 });
      expect(await versions(held)).toMatchObject({ stale: false });
    }, 10_000);
  });

  test('is not asked for again within 30 seconds of a failure', async () => {
    await initPepper(direct);
    const list = vi.spyOn(vault, 'listPropertiesOfSecretVersions');
    const held = pepper();
    await versions(held);
    list.mockImplementation(() => {
      throw new Error('away');
    });
    clock.advance({ minutes: 16 });
    for (let i = 0; i < 5; i++) expect(await versions(held)).toMatchObject({ stale: true });
    expect(list).toHaveBeenCalledTimes(2);
    clock.advance({ seconds: 31 });
    await versions(held);
    expect(list).toHaveBeenCalledTimes(3);
  });

  test('is accepted in a new version on sight, and written under only when that is 20 minutes old', async () => {
    const first = await initPepper(direct);
    clock.advance({ minutes: 60 });
    const second = await rotatePepper(direct);
    const held = pepper();
    expect(await versions(held)).toEqual({ enabled: [second, first], writing: first, stale: false });
    clock.advance({ minutes: 19 });
    expect(await versions(held)).toMatchObject({ writing: first });
    clock.advance({ minutes: 1 });
    expect(await versions(held)).toMatchObject({ writing: second });
  });
});

describe('Gateway keys', () => {
  let keys: GatewayKeys;
  let complaints: unknown[];

  beforeEach(() => {
    complaints = [];
    keys = gatewayKeysIn(vault, clock, { failed: (error) => complaints.push(error) });
  });

  test('belong to a gateway with the protocols and the kind of username of its tags; no tag means no protocol, and typed', async () => {
    const key = await addGateway(direct, 'mail', { protocols: 'imap,submission' });
    const mail = { name: 'mail', protocols: ['imap', 'smtp'], goesOnWith: 'canonical' };
    expect(await keys.gatewayOf(key, patiently())).toEqual(mail);
    await direct.setSecret('gateway-key--bare', Buffer.alloc(32, 7).toString('base64url'));
    clock.advance({ seconds: 11 });
    const bare = Buffer.alloc(32, 7).toString('base64url');
    expect(await keys.gatewayOf(bare, patiently())).toEqual({
      name: 'bare',
      protocols: [],
      goesOnWith: 'typed',
    });
  });

  test.each(['Canonical', 'CANONICAL', 'canonical ', '', 'yes'])(
    'count as typed with a tag that says anything but canonical: %j',
    async (username) => {
      const value = Buffer.alloc(32, 7).toString('base64url');
      await direct.setSecret('gateway-key--odd', value, { tags: { username, protocols: 'imap' } });
      expect(await keys.gatewayOf(value, patiently())).toMatchObject({ goesOnWith: 'typed' });
    },
  );

  test('are told with which username their gateway goes on, both during a rotation, and nothing else of them changes', async () => {
    const old = await addGateway(direct, 'mail', { protocols: 'imap', username: 'typed' });
    clock.advance({ seconds: 1 });
    const fresh = await rotateGateway(direct, 'mail');
    const kinds = async () => {
      clock.advance({ minutes: 16 });
      return Promise.all([old, fresh].map((key) => keys.gatewayOf(key, patiently())));
    };
    const mail = { name: 'mail', protocols: ['imap'] };
    expect(await kinds()).toEqual(Array(2).fill({ ...mail, goesOnWith: 'typed' }));
    for (const goesOnWith of ['canonical', 'typed'] as const) {
      await setUsername(direct, 'mail', goesOnWith);
      expect(await kinds()).toEqual(Array(2).fill({ ...mail, goesOnWith }));
      expect(await listGateways(direct)).toMatchObject([{ name: 'mail', protocols: 'imap', goesOnWith }]);
    }
    await finishGateway(direct, 'mail');
    expect(await kinds()).toEqual([undefined, { ...mail, goesOnWith: 'typed' }]);
  });

  test('are known at once after they were added, by one refresh that all wait for, at most one in 10 seconds', async () => {
    await addGateway(direct, 'first', { protocols: 'imap' });
    await keys.ready(patiently());
    const list = vi.spyOn(vault, 'listPropertiesOfSecrets');
    const key = await addGateway(direct, 'second', { protocols: 'imap' });
    const found = await Promise.all(Array.from({ length: 5 }, () => keys.gatewayOf(key, patiently())));
    expect(found.map((gateway) => gateway?.name)).toEqual(Array(5).fill('second'));
    for (let i = 0; i < 5; i++) expect(await keys.gatewayOf(`wrong ${i}`, patiently())).toBeUndefined();
    expect(list).toHaveBeenCalledTimes(1);
    clock.advance({ seconds: 11 });
    await keys.gatewayOf('wrong', patiently());
    expect(list).toHaveBeenCalledTimes(2);
  });

  test('are both accepted during a rotation, with the same protocols and kind of username, until it is finished', async () => {
    const old = await addGateway(direct, 'mail', { protocols: 'imap' });
    clock.advance({ seconds: 1 });
    const fresh = await rotateGateway(direct, 'mail');
    for (const key of [old, fresh]) {
      const mail = { name: 'mail', protocols: ['imap'], goesOnWith: 'canonical' };
      expect(await keys.gatewayOf(key, patiently())).toEqual(mail);
    }
    await finishGateway(direct, 'mail');
    clock.advance({ minutes: 16 });
    expect(await keys.gatewayOf(fresh, patiently())).toMatchObject({ name: 'mail' });
    expect(await keys.gatewayOf(old, patiently())).toBeUndefined();
  });

  test('that were removed are refused after 15 minutes at the latest, and longer only while the vault is away', async () => {
    const key = await addGateway(direct, 'mail', { protocols: 'imap' });
    await keys.ready(patiently());
    await removeGateway(direct, 'mail');
    proxy.mode('away');
    clock.advance({ minutes: 20 });
    expect(await keys.gatewayOf(key, patiently())).toMatchObject({ name: 'mail' });
    proxy.mode('pass');
    await vi.waitFor(async () => {
      clock.advance({ seconds: 31 });
      expect(await keys.gatewayOf(key, patiently())).toBeUndefined();
    }, 10_000);
  });

  test('that are not known while the vault is away are a fault, not a wrong key', async () => {
    const known = await addGateway(direct, 'mail', { protocols: 'imap' });
    await keys.ready(patiently());
    proxy.mode('away');
    await expect(keys.gatewayOf('perhaps new', AbortSignal.timeout(15_000))).rejects.toThrow(Unavailable);
    expect(await keys.gatewayOf(known, patiently())).toMatchObject({ name: 'mail' });
  });

  test('of one gateway that are malformed do not keep the others out', async () => {
    const key = await addGateway(direct, 'mail', { protocols: 'imap' });
    await direct.setSecret('gateway-key--broken', 'not 32 bytes');
    expect(await keys.gatewayOf(key, patiently())).toMatchObject({ name: 'mail' });
    expect(complaints).toHaveLength(1);
  });
});

describe('The key of the backup', () => {
  test('is made once, where none is enabled, and by a new version; all enabled ones are read', async () => {
    const first = await newestMacKey(direct);
    expect(await newestMacKey(direct)).toMatchObject(first);
    clock.advance({ seconds: 1 });
    const second = await makeMacKey(direct);
    expect(await newestMacKey(direct)).toMatchObject(second);
    const all = [second, first].map(({ version, value }) => [version, value] as const);
    expect(await readMacKeys(direct)).toEqual(new Map(all));
    for (const { version } of [first, second])
      await direct.updateSecretProperties(macKeySecret, version, { enabled: false });
    expect(await readMacKeys(direct)).toEqual(new Map());
    expect([first.version, second.version]).not.toContain((await newestMacKey(direct)).version);
  });

  test('is not made anew beside a deleted one, as old files depend on that', async () => {
    await newestMacKey(direct);
    await direct.beginDeleteSecret(macKeySecret);
    await expect(newestMacKey(direct)).rejects.toThrow(`az keyvault secret recover --name ${macKeySecret}`);
  });

  test('is not made anew because the vault is away', async () => {
    proxy.mode('away');
    await expect(newestMacKey(vault)).rejects.toMatchObject({ name: 'RestError' });
  });
});
