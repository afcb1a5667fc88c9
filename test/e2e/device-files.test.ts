import { afterAll, beforeAll, expect, it as test } from 'vitest';
import { type Target, target } from '../../testing/service.ts';

let service: Target;

beforeAll(async () => {
  service = await target();
});

afterAll(() => service?.close());

test.each([
  ['/mail.mobileconfig', 'application/x-apple-aspen-config', 'com.apple.eas.account'],
  ['/mail/config-v1.1.xml', 'text/xml; charset=utf-8', '%EMAILADDRESS%'],
  ['/.well-known/autoconfig/mail/config-v1.1.xml', 'text/xml; charset=utf-8', '%EMAILADDRESS%'],
])('%s sets up a device of anybody, by GET and HEAD, and by nothing else', async (path, type, part) => {
  const ask = (method: string, headers = {}) => fetch(`${service.origin}${path}`, { method, headers });
  const answer = await ask('GET');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  const body = await answer.text();
  expect(body).toContain(part);
  expect(body).not.toContain('alice');
  const etag = answer.headers.get('etag') ?? '';
  const head = await ask('HEAD');
  expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
  expect((await ask('GET', { 'if-none-match': etag })).status).toBe(304);
  expect((await ask('POST')).status).toBe(404);
});
