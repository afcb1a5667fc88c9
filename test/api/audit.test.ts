import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sampleUsers, tenantId, type User } from '../../local/identities.ts';
import { localVaultToken } from '../../local/key-vault.ts';
import { root } from '../../local/stack-file.ts';
import { auditOf } from '../../shared/audit/audit.ts';
import type { AuditRecord } from '../../shared/domain/audit-record.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { gateway, person, strangePassword } from '../../testing/api.ts';
import { type Collector, type Envelope, startCollector } from '../../testing/collector.ts';
import { type Service, startService } from '../../testing/service.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

let collector: Collector;

beforeEach(async () => {
  collector = await startCollector();
  cleanUps.push(() => collector.close());
});

const named = (name: string) => (envelope: Envelope) => envelope.data.baseData.name === name;
const about = (name: string, id: string) => (envelope: Envelope) =>
  named(name)(envelope) && envelope.data.baseData.properties.appPassword === id;

async function serve(): Promise<Service> {
  const service = await startService({
    settings: () => ({
      APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
      NODE_EXTRA_CA_CERTS: collector.certificateFile,
    }),
  });
  cleanUps.push(() => service.close());
  return service;
}

describe('Audit records of the running service', () => {
  test('arrive once each, of a change before its answer, and hold no secret', async () => {
    const service = await serve();
    const secrets = new Set<string>([service.gatewayKey, localVaultToken]);
    const [alice] = sampleUsers as [User];
    const tokens = new Map<string, string>();
    for (const { username } of sampleUsers) tokens.set(username, await service.token(username));
    for (const token of tokens.values()) secrets.add(token);
    const passwords: { username: string; password: string }[] = [];
    const asks = gateway(service.origin, service.gatewayKey);

    /** 100 app passwords of one person are created and renamed, and 90 of them deleted, five at a time. */
    const owner = ({ username }: User) => person(service.origin, tokens.get(username) as string);
    async function change(user: User): Promise<void> {
      const { create, rename, remove } = owner(user);
      async function one(number: number): Promise<void> {
        const created = await create(`Device ${number}`);
        expect(created.status).toBe(201);
        const { id, password } = created.body;
        expect(collector.envelopes.filter(about('app-password.created', id))).toHaveLength(1);
        secrets.add(password);
        expect((await rename(id, `Renamed ${number}`)).status).toBe(200);
        expect(collector.envelopes.filter(about('app-password.renamed', id))).toHaveLength(1);
        if (number < 10) return void passwords.push({ username: user.username, password });
        expect((await remove(id)).status).toBe(204);
        expect(collector.envelopes.filter(about('app-password.deleted', id))).toHaveLength(1);
      }
      for (let i = 0; i < 100; i += 5) await Promise.all([0, 1, 2, 3, 4].map((j) => one(i + j)));
    }
    await Promise.all(sampleUsers.map(change));

    const typed = (number: number) => `hunter2-${number}-of-alice`;
    for (let i = 0; i < 50; i++) {
      const { username, password } = passwords[i % passwords.length] as (typeof passwords)[0];
      const wrong = strangePassword();
      for (const it of [typed(i), wrong, `correct horse battery staple ${i}`]) secrets.add(it);
      const answers = await Promise.all([
        asks.verify(username.toUpperCase(), password),
        asks.verifyJson({ username, password: password.toUpperCase() }),
        asks.verify(username, `correct horse battery staple ${i}`),
        asks.verify(username, wrong),
        asks.verify(typed(i), password),
        asks.grant({
          grant_type: 'password',
          username,
          password: wrong,
          client_secret: service.gatewayKey,
        }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 401, 400]);
    }
    for (const user of sampleUsers) expect((await owner(user).removeAll()).status).toBe(200);
    for (let i = 0; i < 97; i++) await asks.verify(typed(i), strangePassword());
    const isJunk = ({ data }: Envelope) => data.baseData.properties.reason === 'not-an-app-password';
    await collector.took(949, (it) => !isJunk(it));
    expect((await owner(alice).create('Last')).status).toBe(201);
    expect(collector.envelopes.filter((it) => !isJunk(it))).toHaveLength(950);

    const kinds = Object.groupBy(collector.envelopes, ({ data: { baseData } }) =>
      [baseData.name, baseData.properties.reason].filter(Boolean).join(' '),
    );
    const { 'verify.refused not-an-app-password': junk, ...others } = kinds;
    expect(junk?.[0]?.data.baseData.properties).toMatchObject({ gateway: 'local', count: '1' });
    expect(Object.fromEntries(Object.entries(others).map(([kind, all]) => [kind, all?.length]))).toEqual({
      'username.claimed': 2,
      'app-password.created': 201,
      'app-password.renamed': 200,
      'app-password.deleted': 200,
      'verify.accepted': 100,
      'verify.refused unknown-app-password': 100,
      'verify.refused unknown-username': 147,
    });
    for (const { data, sampleRate } of collector.envelopes)
      expect([data.baseType, sampleRate]).toEqual(['EventData', 100]);
    const people = sampleUsers.map(({ oid }) => personKey(tenantId, oid));
    for (const { data } of kinds['verify.accepted'] ?? []) {
      expect(people).toContain(data.baseData.properties.person);
      expect(data.baseData.properties).not.toHaveProperty('clientAddress');
    }

    const sent = collector.bodies().toLowerCase();
    expect(sent).toContain('verify.accepted');
    for (const secret of secrets) {
      for (const form of [secret, secret.replaceAll('-', ''), Buffer.from(secret).toString('base64')])
        expect(sent).not.toContain(form.toLowerCase());
    }
    expect(sent).not.toContain('hunter2');
    expect(service.host.output()).not.toContain('"causes"');
  });

  test('cost a change nothing but a second where nobody answers, and leave when somebody does', async () => {
    const service = await serve();
    const alice = person(service.origin, await service.token('alice@example.com'));
    collector.mode('hang');
    const created = await alice.create('Phone');
    expect(created.status).toBe(201);
    expect(service.host.output()).toContain('audit records did not leave in time');
    expect((await alice.rename(created.body.id, 'Tablet')).status).toBe(200);
    expect(collector.envelopes).toHaveLength(0);

    collector.mode('take');
    await collector.took(1, about('app-password.created', created.body.id));
    await collector.took(1, about('app-password.renamed', created.body.id));
  });

  test('survive a short outage', async () => {
    const service = await serve();
    const alice = person(service.origin, await service.token('alice@example.com'));
    collector.mode(500);
    const created = await alice.create('Phone');
    expect(created.status).toBe(201);
    expect(service.host.output()).toContain('audit records did not leave in time');
    collector.mode('take');
    await collector.took(1, about('app-password.created', created.body.id));
    expect(service.host.output()).not.toContain('audit records were not taken');
  });

  test('that are not taken do not stop a change, and their loss is told, without what they said', async () => {
    const service = await serve();
    const alice = person(service.origin, await service.token('alice@example.com'));
    collector.mode(403);
    const created = await alice.create('Phone');
    expect(created.status).toBe(201);
    const faults = service.host
      .output()
      .split('\n')
      .filter((line) => line.includes('audit records'));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('2 audit records were not taken yet');
    expect(faults[0]).toContain('"statusCode":403');
    expect(faults[0]).not.toContain(created.body.id);
  });
});

describe('The adapter', () => {
  const record = {
    event: 'person.viewed',
    actor: { kind: 'operator' },
    person: personKey(tenantId, 'alice'),
  } as const;
  const faults: Error[] = [];
  const logFault = (error: unknown) => void faults.push(error as Error);
  const noCredential = () => {
    throw new Error('nobody may sign in');
  };

  beforeAll(async () => {
    // In advance, as loading may take longer than a change waits for its record.
    await import('../../shared/audit/telemetry.ts');
    const before = tls.getCACertificates();
    return () => tls.setDefaultCACertificates(before);
  });

  beforeEach(() => {
    faults.length = 0;
    tls.setDefaultCACertificates([collector.certificate]);
  });

  const open = (credential: Parameters<typeof auditOf>[1] = noCredential, authentication?: string) =>
    auditOf(
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication,
      },
      credential,
      logFault,
    );

  test('gives what is nested a flat name, and leaves out what is not there', async () => {
    const audit = open();
    const nested = {
      event: 'some.event',
      last: { at: 12, by: { kind: 'person' }, clientAddress: null },
      protocols: ['imap', 'smtp'],
      from: null,
      isNew: false,
    };
    const since = Date.now();
    audit.record(nested as unknown as AuditRecord);
    const until = Date.now();
    expect(await audit.flush()).toBe(true);
    const [envelope] = collector.envelopes as [Envelope];
    expect(envelope.data.baseData).toMatchObject({
      name: 'some.event',
      properties: { last_at: '12', last_by_kind: 'person', protocols: '["imap","smtp"]', isNew: 'false' },
    });
    expect(Object.keys(envelope.data.baseData.properties)).toHaveLength(4);
    // The exporter calculates in nanoseconds, which a number does not hold to the last digit.
    expect(Date.parse(envelope.time)).toBeGreaterThanOrEqual(since - 1);
    expect(Date.parse(envelope.time)).toBeLessThanOrEqual(until);
    expect(faults).toEqual([]);
  });

  test('signs in as the app where the settings say so', async () => {
    const scopes: unknown[] = [];
    const credential = {
      async getToken(scope: string | string[]) {
        scopes.push(scope);
        return { token: 'of-the-app', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const audit = open(() => credential, 'ClientId=app;Authorization=AAD');
    audit.record(record);
    await audit.flush();
    expect(collector.authorizations).toEqual(['Bearer of-the-app']);
    expect(scopes.flat()).toEqual(['https://monitor.azure.com/.default']);
  });

  test('hands on at once what comes while something else is handed on', async () => {
    const audit = open();
    collector.mode('hang');
    const asked = collector.asked();
    audit.record(record);
    const first = audit.flush();
    await asked;
    audit.record(record);
    const second = audit.flush();
    collector.mode('take');
    await first;
    await second;
    expect(collector.envelopes).toHaveLength(2);
    expect(faults).toEqual([]);
  });

  test('says whether all of it was taken', async () => {
    const audit = open();
    expect(await audit.flush()).toBe(true);
    collector.mode(403);
    audit.record(record);
    expect(await audit.flush()).toBe(false);
    collector.mode('take');
    audit.record(record);
    expect(await audit.flush()).toBe(true);
  });

  test('keeps changes until they are taken, whatever else there is no room for', async () => {
    const audit = open();
    const change = (number: number) =>
      ({ ...record, event: 'app-password.deleted', appPassword: `${number}` }) as const;
    collector.mode(403);
    for (let i = 0; i < 20_000; i++) {
      audit.record(record);
      if (i % 200 === 0) audit.record(change(i));
      if (i === 5_000) expect(await audit.flush('changes')).toBe(false);
    }
    expect(await audit.flush('changes')).toBe(false);
    collector.mode('take');
    expect(await audit.flush('changes')).toBe(true);
    const changes = collector.envelopes.filter(named('app-password.deleted'));
    expect(
      changes.map(({ data }) => Number(data.baseData.properties.appPassword)).sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 100 }, (_, i) => i * 200));
  });

  test('keeps 10,000 records while nobody answers, and counts the others', async () => {
    const audit = open();
    collector.mode('hang');
    for (let i = 0; i < 10_050; i++) audit.record(record);
    expect(await audit.flush()).toBe(false);
    collector.mode('take');
    await collector.took(10_000);
    await audit.flush();
    expect(collector.envelopes).toHaveLength(10_000);
    expect(faults.map(({ message }) => message)).toEqual([
      'audit records did not leave in time',
      '50 audit records found no room',
    ]);
  });
});

test('OpenTelemetry lies in the bundle, but not where a function loads it before its first answer', () => {
  const dist = join(root, 'dist');
  const loaded = new Set<string>();
  function load(file: string): void {
    if (loaded.has(file)) return;
    loaded.add(file);
    const code = readFileSync(file, 'utf8');
    for (const [, path] of code.matchAll(/(?:from|import)"(\.[^"]+\.js)"/g))
      load(join(dirname(file), path as string));
  }
  const filesIn = (folder: string) =>
    readdirSync(join(dist, folder))
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(dist, folder, name));
  for (const file of filesIn('functions')) load(file);
  const holds = (file: string) =>
    JSON.parse(readFileSync(`${file.replace(dist, join(dist, 'maps'))}.map`, 'utf8')).sources.some(
      (source: string) => /@opentelemetry|monitor-opentelemetry/.test(source),
    );
  expect(filesIn('chunks').filter(holds).length).toBeGreaterThan(0);
  expect(loaded.size).toBeGreaterThan(filesIn('functions').length);
  expect([...loaded].filter(holds)).toEqual([]);
});
