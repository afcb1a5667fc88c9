import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import type { TrailRecord } from '../../shared/audit/audit-trail.ts';
import { watchFaults } from '../../shared/audit/fault-watch.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import { defaultPolicy } from '../../shared/domain/policy/policy.ts';
import { administrator, type Call, call, person } from '../../testing/api.ts';
import { type Claims, localMember, now, portalId, v1AppOnly } from '../../testing/entra-claims.ts';
import { type KeyServer, startKeyServer } from '../../testing/key-server.ts';
import { type RecordLine, recordsIn } from '../../testing/records.ts';
import { type Service, startService } from '../../testing/service.ts';

let keys: KeyServer;
let service: Service;

beforeAll(async () => {
  keys = await startKeyServer();
  service = await startService({
    settings: () => ({
      OIDC_DISCOVERY_URL: keys.discoveryUrl,
      TOKEN_ISSUER: keys.issuer,
      TOKEN_CLIENTS: portalId,
    }),
  });
});

afterAll(async () => {
  await service.close();
  await keys.close();
});

const roles = [adminRole];
const helpdesk = [helpdeskRole];
const create = ['POST', '/api/app-passwords', { json: { name: 'Phone' } }] as const;
const list = ['GET', '/api/app-passwords', {}] as const;
const erase = ['DELETE', `/api/admin/people/${randomUUID()}`, {}] as const;
const policy = ['GET', '/api/admin/policy', {}] as const;
const setPolicy = [
  'PUT',
  '/api/admin/policy',
  { json: defaultPolicy, headers: { 'if-match': '"unknown"' } },
] as const;
/** Every change that an administrator makes of somebody. */
const changes = [
  erase,
  ['PATCH', erase[1], { json: { account: 'disabled' } }],
  ['POST', `${erase[1]}/delete-all`, { json: { confirm: true } }],
  ['DELETE', `${erase[1]}/app-passwords/${randomUUID()}`, {}],
  ['POST', `${erase[1]}/app-passwords/${randomUUID()}/suspend`, {}],
  ['POST', `${erase[1]}/app-passwords/${randomUUID()}/resume`, {}],
] as const;
type Request = readonly [method: string, path: string, options: Call];

/** What is recorded while something is done. */
async function recordsOf(task: () => Promise<unknown>): Promise<RecordLine[]> {
  const since = service.host.output().length;
  await task();
  return recordsIn(service.host.output().slice(since));
}

const send = ([method, path, options]: Request, token?: string) =>
  call(service.origin, method, path, { ...options, ...(token !== undefined && { token }) });

/** Who is refused by name: the claims that differ from a person's who may, the request, and what is told. */
type Named = readonly [who: string, change: Claims, request: Request, act: string, reason: string];
const named: readonly Named[] = [
  ['a person without a second factor', { amr: ['pwd'] }, create, 'own-recent', 'no-second-factor'],
  ['a person whose sign-in is old', { auth_time: now() - 5000 }, create, 'own-recent', 'old-sign-in'],
  ['a guest', { acct: 1 }, create, 'own-recent', 'guest'],
  ['a person of another tenant', { tid: 'elsewhere' }, list, 'own', 'wrong-tenant'],
  ['a token for another service', { aud: 'https://other.example' }, list, 'own', 'wrong-audience'],
  ['a token of another issuer', { iss: 'https://other.example' }, list, 'own', 'wrong-issuer'],
  [
    'a token for another client',
    { azp: 'other', appid: 'other', client_id: 'other' },
    list,
    'own',
    'wrong-client',
  ],
  ['a token that is over', { exp: now() - 3600 }, list, 'own', 'expired-token'],
  ['a token from the future', { iat: now() + 3600 }, list, 'own', 'wrong-claim'],
  ['a token without the scope', { scope: 'openid', scp: undefined }, list, 'own', 'no-scope'],
  [
    'a username that is none here',
    { upn: 'no spaces@example.com' },
    create,
    'own-recent',
    'username-not-accepted',
  ],
  ['a person who erases somebody', {}, erase, 'change', 'no-role'],
  ['a person who reads the policy', {}, policy, 'read', 'no-role'],
  ['an administrator without a second factor', { roles, amr: ['pwd'] }, policy, 'read', 'no-second-factor'],
  [
    'the helpdesk without a second factor',
    { roles: helpdesk, amr: ['pwd'] },
    policy,
    'read',
    'no-second-factor',
  ],
  ['the helpdesk without the scope', { roles: helpdesk, scope: 'openid' }, policy, 'read', 'no-scope'],
  ['the helpdesk that sets the policy', { roles: helpdesk }, setPolicy, 'set-policy', 'no-role'],
  ...changes.map((request): Named => {
    const who = `the helpdesk that sends ${request[0]} ${request[1].replace(/[\da-f-]{36}/g, '…')}`;
    // A newer sign-in would not help, so none is asked for.
    return [who, { roles: helpdesk, auth_time: now() - 5000 }, request, 'change', 'no-role'];
  }),
  [
    'an administrator whose sign-in is old',
    { roles, auth_time: now() - 5000 },
    erase,
    'change',
    'old-sign-in',
  ],
];

test.each(named)('%s is on record', async (_, change, request, act, reason) => {
  const oid = randomUUID();
  const token = await keys.sign(localMember(keys.issuer, { oid, upn: `${oid}@example.com`, ...change }));
  const records = await recordsOf(async () => {
    expect((await send(request, token)).status).toBeGreaterThanOrEqual(401);
  });
  const tenant = change.tid ?? tenantId;
  const { time: _time, ...record } = records[0] as RecordLine;
  expect(records).toHaveLength(1);
  expect(record).toEqual({ event: 'management.refused', act, reason, caller: oid, tenant, count: 1 });
});

test.each([
  ['another role', 'AppPasswords.User', list, 'own', 'application'],
  ['an application without the role', 'AppPasswords.User', policy, 'read', 'no-role'],
  ['the role of the helpdesk', helpdeskRole, policy, 'read', 'no-role'],
  ['the role of the helpdesk, for a change', helpdeskRole, erase, 'change', 'no-role'],
  ['the role of the helpdesk, for the policy', helpdeskRole, setPolicy, 'set-policy', 'no-role'],
] as const)(
  'an application on routes that are not for it is on record: %s',
  async (_, role, request, act, reason) => {
    const oid = randomUUID();
    const claims = v1AppOnly({
      iss: keys.issuer,
      idp: keys.issuer,
      oid,
      sub: oid,
      roles: [role],
    });
    const token = await keys.sign(claims);
    const records = await recordsOf(() => send(request, token));
    expect(records).toMatchObject([{ event: 'management.refused', act, reason, caller: oid }]);
  },
);

describe('Where nobody can be named', () => {
  test.each([
    ['no token', undefined, 'no-token'],
    ['no token by its form', 'hunter2', 'malformed-token'],
    ['a forged signature', 'forged', 'wrong-signature'],
  ])('%s is counted, without a word of it', async (_, token, reason) => {
    const signed = await keys.sign(localMember(keys.issuer, { oid: randomUUID() }));
    const sent = token === 'forged' ? `${signed.slice(0, -12)}AAAAAAAAAAAA` : token;
    const records = await recordsOf(async () => {
      for (let i = 0; i < 20; i++) expect((await send(list, sent)).status).toBe(401);
    });
    expect(records).toMatchObject([
      { event: 'management.refused', act: 'own', reason, caller: null, tenant: null, count: 1 },
    ]);
    expect(service.host.output()).not.toContain('hunter2');
  });

  test('callers beyond 100 in 10 seconds are counted without their names', () => {
    vi.useFakeTimers();
    try {
      const records: TrailRecord[] = [];
      const { refused } = watchFaults({ record: (it) => void records.push(it) });
      const one = { act: 'own', reason: 'wrong-tenant', tenant: 'elsewhere' } as const;
      for (let i = 0; i < 5_000; i++) refused({ ...one, caller: `caller-${i}` });
      vi.advanceTimersByTime(10_000);
      const callers = records.map((it) => 'caller' in it && it.caller);
      expect([callers.filter(Boolean).length, callers.length]).toEqual([100, 102]);
      expect(records.map((it) => ('count' in it ? it.count : 0)).reduce((a, b) => a + b)).toBe(5_000);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('Whoever asks for an app password that is not theirs is on record', async () => {
  const [mine, theirs] = await Promise.all(
    [0, 1].map(async () => {
      const oid = randomUUID();
      const token = await keys.sign(localMember(keys.issuer, { oid, upn: `${oid}@example.com` }));
      const api = person(service.origin, token);
      return { oid, id: (await api.create('Phone')).body.id as string, ...api };
    }),
  );
  if (mine === undefined || theirs === undefined) throw new Error('nobody');
  const records = await recordsOf(async () => {
    for (const act of [mine.remove, mine.revive]) expect((await act(theirs.id)).status).toBe(404);
    expect((await mine.rename(theirs.id, 'Mine')).status).toBe(404);
  });
  const told = { event: 'management.refused', reason: 'not-found', caller: mine.oid, tenant: tenantId };
  expect(records).toMatchObject([
    { ...told, act: 'own' },
    { ...told, act: 'own-recent' },
  ]);
});

test.each([
  ['an administrator', roles, 'administrator'],
  ['the helpdesk', helpdesk, 'helpdesk'],
  ['an administrator who is of the helpdesk as well', [...helpdesk, ...roles], 'administrator'],
] as const)('Each look of %s at a person, or at everybody, is on record', async (_, roles, kind) => {
  const oid = randomUUID();
  const upn = `${oid}@example.com`;
  const token = await keys.sign(localMember(keys.issuer, { oid, upn }));
  expect((await person(service.origin, token).create('Phone')).status).toBe(201);
  const actor = { kind, id: randomUUID() };
  const claims = { oid: actor.id, upn: `${actor.id}@example.com`, roles };
  const admin = administrator(service.origin, await keys.sign(localMember(keys.issuer, claims)));
  const records = await recordsOf(async () => {
    await admin.find(upn);
    await admin.find('nobody@example.com');
    await admin.person(oid);
    await admin.person(randomUUID());
    await admin.report();
  });
  expect(records.map(({ time: _, ...record }) => record)).toEqual([
    { event: 'person.found', actor, person: `${tenantId}.${oid}` },
    { event: 'person.not-found', actor },
    { event: 'person.viewed', actor, person: `${tenantId}.${oid}` },
    { event: 'person.not-found', actor },
    { event: 'report.viewed', actor },
  ]);
});
