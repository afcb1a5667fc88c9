import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { sampleUsers, tenantId } from '../../local/identities.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import { defaultPolicy } from '../../shared/domain/policy/policy.ts';
import {
  type Answer,
  administrator,
  basic,
  type Call,
  call,
  gateway,
  person,
  strangePassword,
} from '../../testing/api.ts';
import { expectContract, type Operation, operations } from '../../testing/contract.ts';
import { type Claims, localMember, now, portalId, v1AppOnly } from '../../testing/entra-claims.ts';
import { type KeyServer, startKeyServer } from '../../testing/key-server.ts';
import { type Service, startService } from '../../testing/service.ts';

let keys: KeyServer;
let service: Service;
/** Over the same stores, for tokens that say whatever a test wants. */
let anyToken: HostProcess;
/** The tokens of two real sign-ins of a person, one without a second factor. */
interface SignIns {
  readonly full: string;
  readonly withoutFactor: string;
}
let alice: SignIns;
/** An administrator. */
let bob: SignIns;
/** The policy's ETag. */
let policyVersion = '';

beforeAll(async () => {
  keys = await startKeyServer();
  service = await startService();
  anyToken = await service.anotherHost({
    OIDC_DISCOVERY_URL: keys.discoveryUrl,
    TOKEN_ISSUER: keys.issuer,
    TOKEN_CLIENTS: portalId,
  });
  [alice, bob] = await Promise.all([signIns('alice@example.com'), signIns('bob@example.com')]);
  const { headers } = await administrator(service.origin, bob.full).policy();
  policyVersion = headers.get('etag') as string;
});

afterAll(async () => {
  await service.close();
  await keys.close();
});

async function signIns(username: string): Promise<SignIns> {
  const full = await service.token(username);
  return { full, withoutFactor: await service.token(username, { secondFactor: false }) };
}

/** Whom a request is about: a person that no other test knows, with one app password. */
interface Subject {
  readonly oid: string;
  readonly username: string;
  readonly token: string;
  readonly id: string;
  readonly password: string;
}

async function subject(change: Claims = {}): Promise<Subject> {
  const oid = randomUUID();
  const username = `${oid}@example.com`;
  const claims = { oid, upn: username };
  const created = await person(anyToken.origin, await sign(claims)).create('Phone');
  expect(created.status).toBe(201);
  const { id, password } = created.body;
  return { oid, username, token: await sign({ ...claims, ...change }), id, password };
}

const sign = (change: Claims) => keys.sign(localMember(keys.issuer, change));
const signApplication = (change: Claims) =>
  keys.sign(v1AppOnly({ iss: keys.issuer, idp: keys.issuer, ...change }));

/** What somebody does, by who may do it. */
type Kind = 'own' | 'own, recent' | 'read' | 'change' | 'set policy' | 'ask' | 'health';

interface Row {
  readonly kind: Kind;
  /** Everything of the request but who sends it. */
  readonly request: (about: Subject) => Pick<Call, 'json' | 'headers' | 'body'> & { readonly path: string };
}

const people = '/api/admin/people';
const own = ({ id }: Subject) => `/api/app-passwords/${id}`;
const ofPerson = ({ oid, id }: Subject) => `${people}/${oid}/app-passwords/${id}`;
const json = { name: 'Scanner' };

/** Every operation of openapi.yaml. */
const rows: Readonly<Record<string, Row>> = {
  listAppPasswords: { kind: 'own', request: () => ({ path: '/api/app-passwords' }) },
  createAppPassword: { kind: 'own, recent', request: () => ({ path: '/api/app-passwords', json }) },
  renameAppPassword: { kind: 'own', request: (about) => ({ path: own(about), json }) },
  deleteAppPassword: { kind: 'own', request: (about) => ({ path: own(about) }) },
  deleteAllAppPasswords: {
    kind: 'own',
    request: () => ({ path: '/api/app-passwords/delete-all', json: { confirm: true } }),
  },
  reviveAppPassword: { kind: 'own, recent', request: (about) => ({ path: `${own(about)}/revive` }) },
  register: { kind: 'own, recent', request: () => ({ path: '/api/registration', json }) },
  getActivity: { kind: 'own', request: () => ({ path: '/api/activity' }) },
  getOwnPolicy: { kind: 'own', request: () => ({ path: '/api/policy' }) },

  findPerson: {
    kind: 'read',
    request: ({ username }) => ({ path: `${people}/find`, json: { username } }),
  },
  getPerson: { kind: 'read', request: ({ oid }) => ({ path: `${people}/${oid}` }) },
  getPolicy: { kind: 'read', request: () => ({ path: '/api/admin/policy' }) },
  getReport: { kind: 'read', request: () => ({ path: '/api/admin/report' }) },
  getDirectory: { kind: 'read', request: () => ({ path: '/api/admin/directory' }) },

  setAccount: {
    kind: 'change',
    request: ({ oid }) => ({ path: `${people}/${oid}`, json: { account: 'disabled' } }),
  },
  erasePerson: { kind: 'change', request: ({ oid }) => ({ path: `${people}/${oid}` }) },
  deleteAllAppPasswordsOf: {
    kind: 'change',
    request: ({ oid }) => ({ path: `${people}/${oid}/delete-all`, json: { confirm: true } }),
  },
  deleteAppPasswordOf: { kind: 'change', request: (about) => ({ path: ofPerson(about) }) },
  suspendAppPassword: { kind: 'change', request: (about) => ({ path: `${ofPerson(about)}/suspend` }) },
  resumeAppPassword: { kind: 'change', request: (about) => ({ path: `${ofPerson(about)}/resume` }) },
  setPolicy: {
    kind: 'set policy',
    request: () => ({
      path: '/api/admin/policy',
      json: defaultPolicy,
      headers: { 'if-match': policyVersion },
    }),
  },

  verifyByGet: { kind: 'ask', request: () => ({ path: '/api/verify' }) },
  verifyByPost: { kind: 'ask', request: () => ({ path: '/api/verify' }) },
  verifyByGrant: {
    kind: 'ask',
    request: () => ({
      path: '/api/verify/grant',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=password&username=x&password=x',
    }),
  },
  health: { kind: 'health', request: () => ({ path: '/api/health' }) },
  healthByHead: { kind: 'health', request: () => ({ path: '/api/health' }) },
};

/** How a request ends: `done` is 2xx, anything else the problem; `too old` asks for a newer sign-in. */
type End = 'done' | 'invalid-token' | 'step-up' | 'too old' | 'forbidden' | 'no gateway' | 'heard';

/** Who sends a request, and about whom: for what is one's own, that is the caller, if it is a person. */
interface Sender {
  readonly at: { readonly origin: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly about: Subject;
}

interface Caller {
  readonly sender: () => Promise<Sender>;
  readonly ends: Readonly<Record<Kind, End>>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Health is for everybody, and verify for gateways. */
function everything(end: End, ask: End = 'no gateway'): Record<Kind, End> {
  const rest = { ask, health: 'done' } as const;
  return { own: end, 'own, recent': end, read: end, change: end, 'set policy': end, ...rest };
}

/** Without a token, beside somebody's app password that works. */
const nobody = (headers: (somebody: Subject) => Record<string, string>, ask?: End): Caller => ({
  async sender() {
    const about = await subject();
    return { at: service, headers: headers(about), about };
  },
  ends: everything('invalid-token', ask),
});

/** A sample user by a real sign-in. */
const real = (username: string, signIn: () => SignIns, how: keyof SignIns, ends: Caller['ends']): Caller => ({
  async sender() {
    const { full, [how]: token } = signIn();
    const { oid = '' } = sampleUsers.find((user) => user.username === username) ?? {};
    const created = await person(service.origin, full).create('Phone');
    expect(created.status).toBe(201);
    const { id, password } = created.body;
    return { at: service, headers: bearer(token), about: { oid, username, token, id, password } };
  },
  ends,
});

/** A person by a token that says whatever is wanted. */
const any = (change: () => Claims, ends: Caller['ends']): Caller => ({
  async sender() {
    const about = await subject(change());
    return { at: anyToken, headers: bearer(about.token), about };
  },
  ends,
});

const application = (change: Claims, ends: Caller['ends']): Caller => ({
  sender: async () => ({
    at: anyToken,
    headers: bearer(await signApplication(change)),
    about: await subject(),
  }),
  ends,
});

const roles = [adminRole];
const helpdesk = [helpdeskRole];
const bothRoles = [helpdeskRole, adminRole];
const longAgo = () => ({ auth_time: now() - 3600 });
const onlyOwn = { ...everything('forbidden'), own: 'done', 'own, recent': 'done' } as const;

const callers: Readonly<Record<string, Caller>> = {
  nobody: nobody(() => ({})),
  'a gateway key': nobody(() => ({ 'x-gateway-key': service.gatewayKey }), 'heard'),
  'an app password by HTTP Basic': nobody(({ username, password }) => basic(username, password)),
  'an app password as a token': nobody(({ password }) => bearer(password)),
  'a gateway key as a token': nobody(() => bearer(service.gatewayKey)),
  'a person without a second factor': real(
    'alice@example.com',
    () => alice,
    'withoutFactor',
    everything('step-up'),
  ),
  'an administrator without a second factor': real(
    'bob@example.com',
    () => bob,
    'withoutFactor',
    everything('step-up'),
  ),
  'a person': real('alice@example.com', () => alice, 'full', onlyOwn),
  'a person with another role': any(
    () => ({ roles: ['AppPasswords.User', 'appPasswords.admin', 'AppPasswords.helpdesk'] }),
    onlyOwn,
  ),
  'a person whose sign-in is old': any(longAgo, { ...onlyOwn, 'own, recent': 'too old' }),
  'an administrator': real('bob@example.com', () => bob, 'full', everything('done')),
  'an administrator whose sign-in is old': any(() => ({ roles, ...longAgo() }), {
    ...everything('done'),
    'own, recent': 'too old',
    change: 'too old',
    'set policy': 'too old',
  }),
  'an administrator whose sign-in has no time': any(() => ({ roles, auth_time: undefined }), {
    ...everything('done'),
    'own, recent': 'too old',
    change: 'too old',
    'set policy': 'too old',
  }),
  'the helpdesk': any(() => ({ roles: helpdesk }), { ...onlyOwn, read: 'done' }),
  'the helpdesk without a second factor': any(
    () => ({ roles: helpdesk, amr: ['pwd'] }),
    everything('step-up'),
  ),
  'the helpdesk, whose sign-in is old': any(() => ({ roles: helpdesk, ...longAgo() }), {
    ...onlyOwn,
    'own, recent': 'too old',
    read: 'done',
  }),
  'an administrator who is of the helpdesk as well': any(() => ({ roles: bothRoles }), everything('done')),
  'an administrator who is of the helpdesk as well, whose sign-in is old': any(
    () => ({ roles: bothRoles, ...longAgo() }),
    { ...everything('done'), 'own, recent': 'too old', change: 'too old', 'set policy': 'too old' },
  ),
  'an application with the role': application(
    {},
    { ...everything('forbidden'), read: 'done', change: 'done' },
  ),
  'what may be an administrator whose scopes come as a list': application(
    { scp: ['AppPasswords.Manage'] },
    everything('forbidden'),
  ),
  'what may be an administrator whose token has no scope': application(
    { idtyp: undefined, sub: 'somebody' },
    everything('forbidden'),
  ),
  'an application with the role of the helpdesk': application({ roles: helpdesk }, everything('forbidden')),
  'an application with both roles': application(
    { roles: bothRoles },
    { ...everything('forbidden'), read: 'done', change: 'done' },
  ),
  'an application without the role': application({ roles: undefined }, everything('forbidden')),
  'an application with another role': application({ roles: ['AppPasswords.User'] }, everything('forbidden')),
};

function endOf({ status, headers, body }: Answer): string {
  const challenge = headers.get('www-authenticate') ?? '';
  const kind = `${status} ${body.type?.replace('/problems/', '') ?? body.error}`;
  switch (kind) {
    case '401 invalid-token':
      return 'invalid-token';
    case '401 insufficient-user-authentication':
      return challenge.includes('acr_values="mfa"') ? 'step-up' : maxAgeIn(challenge);
    case '403 forbidden':
      return 'forbidden';
    case '503 invalid-gateway-key':
    case '503 invalid_client':
      return 'no gateway';
    case '401 invalid-credentials':
    case '400 invalid_grant':
      return 'heard';
    default:
      return status < 300 ? 'done' : kind;
  }
}

const maxAgeIn = (challenge: string) => (/max_age="[1-9]\d*"/.test(challenge) ? 'too old' : challenge);

async function send(operation: Operation, { request }: Row, { at, headers, about }: Sender): Promise<Answer> {
  const { path, ...options } = request(about);
  const all = { ...options.headers, ...headers };
  const answer = await call(at.origin, operation.method, path, { ...options, headers: all });
  const answered = JSON.stringify([answer.body, [...answer.headers]]);
  if (operation.tag === 'Administration') await expectNoSecret(answered, about);
  return answer;
}

/** Neither an app password in any spelling, nor where it lies. */
async function expectNoSecret(text: string, about: Subject): Promise<void> {
  const rowKeys = [...(await kept(about)).matchAll(/"rowKey":"[^"]*\.([\w-]{43})"/g)].map(
    ([, digest]) => digest,
  );
  for (const secret of [about.password, about.password.replaceAll('-', ''), ...rowKeys])
    expect(text.includes(secret as string)).toBe(false);
}

test('a token is an application’s by what the setting names, and by nothing else', async () => {
  const bySub = await service.anotherHost({
    OIDC_DISCOVERY_URL: keys.discoveryUrl,
    TOKEN_ISSUER: keys.issuer,
    TOKEN_CLIENTS: portalId,
    APPLICATION_EVIDENCE: 'sub',
  });
  const none = { idtyp: undefined, appid: undefined };
  const ofClient = { ...none, client_id: portalId, sub: portalId };
  const likeEntra = { ...none, client_id: portalId };
  const read = async (at: { origin: string }, claims: Claims) =>
    endOf(await administrator(at.origin, await signApplication(claims)).policy());
  expect(await read(bySub, ofClient)).toBe('done');
  expect(await read(anyToken, {})).toBe('done');
  for (const [at, claims] of [
    [anyToken, ofClient],
    [anyToken, likeEntra],
    [anyToken, { idtyp: 'user' }],
    [bySub, likeEntra],
    [bySub, {}],
    [bySub, { ...ofClient, amr: ['mfa'] }],
  ] as const)
    expect(await read(at, claims)).toBe('forbidden');
});

test('an application disables accounts and gives nobody a username', async () => {
  const about = await subject();
  const app = administrator(anyToken.origin, await signApplication({}));
  expect((await app.setAccount(about.oid, { account: 'disabled' })).status).toBe(200);
  const before = await kept(about);
  const refused = await app.setAccount(about.oid, { account: 'enabled', username: 'ceo@example.com' });
  expect(endOf(refused)).toBe('forbidden');
  expect(await kept(about)).toBe(before);
});

test('every operation of the document has a row, and is of its kind', () => {
  expect(Object.keys(rows).sort()).toEqual(operations.map(({ id }) => id).sort());
  const tags = {
    'App passwords': ['own', 'own, recent'],
    Administration: ['read', 'change', 'set policy'],
    Verify: ['ask'],
    Health: ['health'],
  };
  const tokens: Record<Kind, readonly string[]> = {
    own: ['person'],
    'own, recent': ['person'],
    read: ['administrator', 'helpdesk'],
    change: ['administrator'],
    'set policy': ['administrator'],
    ask: [],
    health: [],
  };
  for (const operation of operations) {
    const { kind } = rowOf(operation);
    expect(tags[operation.tag as keyof typeof tags]).toContain(kind);
    expect(operation.security.filter((name) => !['gatewayKey', 'typed'].includes(name))).toEqual(
      tokens[kind],
    );
  }
});

const rowOf = ({ id }: Operation): Row => {
  const row = rows[id];
  if (row === undefined) throw new Error(`${id} has no row`);
  return row;
};

/** What of a person is kept, with the versions of it. */
async function kept({ oid }: Subject): Promise<string> {
  const queryOptions = { filter: `PartitionKey eq '${tenantId}.${oid}'` };
  const found = await Array.fromAsync(service.tables.passwords.listEntities({ queryOptions }));
  return JSON.stringify(found);
}

describe.each(Object.entries(callers))('%s', (_name, { sender, ends }) => {
  test.each(operations.map((operation) => [operation.id, operation] as const))(
    '%s',
    async (_id, operation) => {
      const row = rowOf(operation);
      const caller = await sender();
      const about = operation.tag === 'Administration' ? await subject() : caller.about;
      const before = await kept(about);
      const answer = await send(operation, row, { ...caller, about });
      expect(endOf(answer)).toBe(ends[row.kind]);
      if (ends[row.kind] !== 'done' || row.kind === 'read') expect(await kept(about)).toBe(before);
      if (row.kind === 'set policy') policyVersion = answer.headers.get('etag') ?? policyVersion;
    },
  );
});

describe('An app password of somebody else', () => {
  const withId = operations.filter(({ tag, path }) => tag === 'App passwords' && path.includes('{id}'));

  test.each(withId.map((operation) => [operation.id, operation] as const))(
    'is not found by %s, whoever asks',
    async (_id, operation) => {
      const about = await subject();
      const before = await kept(about);
      for (const { full } of [alice, bob]) {
        const answer = await send(operation, rowOf(operation), { at: service, headers: bearer(full), about });
        expect([answer.status, answer.body.type]).toEqual([404, '/problems/not-found']);
      }
      expect(await kept(about)).toBe(before);
    },
  );

  const plausible = ({ oid, id }: Subject) => [
    `${people}/${oid}/app-passwords`,
    `${people}/${oid}/app-passwords/${id}/password`,
    `${people}/${oid}/app-passwords/${id}/reveal`,
    `${people}/${oid}/app-passwords/${id}/rename`,
    `${people}/${oid}/app-passwords/${id}/revive`,
    `${people}/${oid}/registration`,
    `${people}/${oid}/create`,
    `/api/people/${oid}/app-passwords`,
    '/api/admin/app-passwords',
    `/api/admin/app-passwords/${id}`,
    '/api/admin/registration',
    people,
  ];

  test.each(['GET', 'POST', 'PUT', 'PATCH'])(
    'is not made or read by %s, as there is no such route',
    async (method) => {
      const about = await subject();
      const before = await kept(about);
      for (const path of [...plausible(about), `${people}/${about.oid}/app-passwords/${about.id}`]) {
        const sent = method === 'GET' ? {} : { json };
        const answer = await call(service.origin, method, path, { token: bob.full, ...sent });
        expect([answer.status, answer.body]).toEqual([404, '']);
      }
      expect(await kept(about)).toBe(before);
    },
  );

  test('is not made by naming the person in a request for one’s own', async () => {
    const about = await subject();
    const before = await kept(about);
    const { oid, username } = about;
    for (const more of [{ person: oid }, { oid }, { username }]) {
      const answer = await call(service.origin, 'POST', '/api/app-passwords', {
        token: bob.full,
        json: { ...json, ...more },
      });
      expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-request']);
    }
    const own = await call(service.origin, 'POST', `/api/app-passwords?person=${oid}`, {
      token: bob.full,
      json,
    });
    const asks = gateway(service.origin, service.gatewayKey);
    expect((await asks.verify(username, own.body.password)).status).toBe(401);
    expect((await asks.verify('bob@example.com', own.body.password)).status).toBe(200);
    await vi.waitFor(async () => expect(await refusedOf(about)).toBe(1));
    expect(before).not.toContain(own.body.id);
    expect(await kept(about)).not.toContain(own.body.id);
  });
});

async function refusedOf({ oid }: Subject): Promise<number> {
  return (await administrator(service.origin, bob.full).person(oid)).body.refusals?.count ?? 0;
}

test('an answer about a person with a field more, wherever it is, would not be as documented', async () => {
  const about = await subject();
  const { origin, gatewayKey } = service;
  const owner = person(anyToken.origin, about.token);
  const asks = gateway(origin, gatewayKey);
  const used = (await owner.create('Used')).body;
  const suspended = (await owner.create('Suspended')).body;
  const deleted = (await owner.create('Deleted')).body;
  expect((await asks.verify(about.username, used.password)).status).toBe(200);
  expect((await owner.remove(deleted.id)).status).toBe(204);
  const bobs = administrator(origin, bob.full);
  expect((await bobs.suspend(about.oid, suspended.id)).status).toBe(200);
  for (const { password } of [suspended, deleted, { password: strangePassword() }])
    expect((await asks.verify(about.username, password)).status).toBe(401);

  const answer = await vi.waitFor(async () => {
    const answer = await bobs.person(about.oid);
    const { appPasswords, deleted, refusals } = answer.body;
    expect(appPasswords.map(({ lastUsed }: { lastUsed: unknown }) => lastUsed !== null)).toContain(true);
    expect([appPasswords, deleted]).toMatchObject([
      [{ name: 'Suspended', refusals: { count: 1 } }, { name: 'Used' }, { name: 'Phone' }],
      [{ name: 'Deleted', refusals: { count: 1 } }],
    ]);
    expect(refusals).toMatchObject({ count: 1 });
    return answer;
  });
  const request = { method: 'GET', path: `${people}/${about.oid}`, json: undefined };
  expect(() => expectContract(request, answer)).not.toThrow();
  const parts = objectsIn(answer.body).length;
  expect(parts).toBeGreaterThan(20);
  for (let part = 0; part < parts; part++) {
    const body = structuredClone(answer.body);
    Object.assign(objectsIn(body)[part] as object, { password: strangePassword() });
    expect(() => expectContract(request, { ...answer, body })).toThrow('the body is wrong');
  }
});

/** Every object in a value, also the value. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(objectsIn)];
}
