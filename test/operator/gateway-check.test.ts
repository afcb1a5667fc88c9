import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { formatPassword, generatePassword } from '../../shared/domain/app-password/password.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import { person } from '../../testing/api.ts';
import { operator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';

const alice = 'alice@example.com';

let service: Service;
let password: string;

beforeAll(async () => {
  service = await startService();
  password = (await person(service.origin, await service.token(alice)).create('Phone')).body.password;
});

afterAll(() => service.close());

function check(origin: string, settings: Record<string, string> = {}, user = alice) {
  const own = { GATEWAY_KEY: service.gatewayKey, APP_PASSWORD: password, ...settings };
  return operator('gateway:check', own, '--url', origin, '--user', user);
}

/** Something else than the service at an address: what goes wrong between a gateway and it. */
async function inBetween(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A proxy that spoils the service's answers. */
function spoiling(spoil: (status: number, headers: Headers) => number): Promise<string> {
  return inBetween(async (request, response) => {
    const { method = 'GET', url = '' } = request;
    const chunks = await Array.fromAsync(request);
    const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
    const answer = await fetch(service.origin + url, { method, headers, ...body });
    const given = new Headers(answer.headers);
    response.writeHead(spoil(answer.status, given), Object.fromEntries(given)).end(await answer.text());
  });
}

describe('npm run gateway:check', () => {
  test('says of a deployment as it should be that each thing is right, and prints no secret', async () => {
    const { code, stdout, stderr } = await check(service.origin);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.slice(0, 6))).toEqual(Array(10).fill('ok    '));
    expect(lines[0]).toMatch(/accepted as alice@example\.com, \d+ ms$/);
    for (const secret of [password, service.gatewayKey]) expect(stdout).not.toContain(secret);
  });

  test.each([
    ['a wrong password', { APP_PASSWORD: formatPassword(generatePassword(systemRandom)) }, 'refused. Is it'],
    ['a wrong gateway key', { GATEWAY_KEY: 'wrong' }, 'the gateway key is not known'],
  ])('says what to mend of %s, and asks nothing more', async (_name, settings, advice) => {
    const { code, stdout } = await check(service.origin, settings);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}right credentials: [^\n]+\n$/);
    expect(stdout).toContain(advice);
  });

  test.each<[string, (status: number, headers: Headers) => number, string, string]>([
    [
      'drops the challenge',
      (status, headers) => {
        headers.delete('www-authenticate');
        return status;
      },
      'wrong credentials',
      'drops WWW-Authenticate',
    ],
    [
      'drops the name',
      (status, headers) => {
        headers.delete('x-auth-user');
        return status;
      },
      'right credentials',
      'drops headers',
    ],
    [
      'turns a fault into a refusal',
      (status) => (status === 503 ? 401 : status),
      'wrong gateway key',
      'function key',
    ],
    [
      'lets ambiguous credentials in',
      (status) => (status === 400 ? 200 : status),
      'headers of a client',
      'Do not go',
    ],
  ])('finds something in between that %s', async (_name, spoil, name, advice) => {
    const { code, stdout } = await check(await spoiling(spoil));
    expect(code).toBe(1);
    const line = stdout.split('\n').find((one) => one.startsWith(`FAIL  ${name}: `));
    expect(line).toContain(advice);
  });

  test('says where it got no answer, or one of something else', async () => {
    const nowhere = `http://127.0.0.1:${await freePort(0)}`;
    expect((await check(nowhere)).stderr).toContain(`No answer from ${nowhere} (ECONNREFUSED)`);
    const other = await inBetween((_request, response) => response.writeHead(404).end());
    expect((await check(other)).stdout).toContain('answered 404. Is the service itself at this address');
  });

  test('sends no password over plain http to another machine', async () => {
    expect((await check('http://app-passwords.example.com')).stderr).toContain('must be an https:// address');
    expect((await check('mail')).stderr).toContain('--url takes');
  });

  test('explains itself', async () => {
    const { code, stderr } = await operator('gateway:check', {}, '--url', service.origin);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage:') });
  });
});
