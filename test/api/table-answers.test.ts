import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { answerUnless } from '../../shared/tables/answer.ts';

/** Answers as Azure does: the code is in the body, and in no header. */
let reply: { status: number; contentType: string; body: string };
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(reply.status, { 'content-type': reply.contentType });
  response.end(reply.body);
});
let table: TableClient;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  table = new TableClient(`http://127.0.0.1:${port}`, 'AppPasswords', { allowInsecureConnection: true });
});

afterAll(() => {
  server.close();
});

const errorOf = (code: string) =>
  JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: 'RequestId:sample' } } });

function answers(status: number, code: string) {
  const contentType = 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8';
  reply = { status, contentType, body: errorOf(code) };
}

function answersTransaction(status: number, code: string) {
  const part = `--changesetresponse_sample\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${status} Sample\r\nContent-Type: application/json;charset=utf-8\r\n\r\n${errorOf(code)}\r\n`;
  reply = {
    status: 202,
    contentType: 'multipart/mixed; boundary=batchresponse_sample',
    body: `--batchresponse_sample\r\nContent-Type: multipart/mixed; boundary=changesetresponse_sample\r\n\r\n${part}--changesetresponse_sample--\r\n--batchresponse_sample--\r\n`,
  };
}

const row = { partitionKey: 'person', rowKey: 'profile' };
const etag = `W/"datetime'2026-11-24T12%3A00%3A00.0000000Z'"`;
const requests = {
  read: () => table.getEntity('person', 'profile'),
  create: () => table.createEntity(row),
  update: () => table.updateEntity(row, 'Merge', { etag }),
  delete: () => table.deleteEntity('person', 'profile', { etag }),
  transaction: () => table.submitTransaction([['create', row]]),
};
const outcome = (request: keyof typeof requests) =>
  answerUnless<unknown>([404, 409, 412], requests[request]());

test.each([
  [404, 'ResourceNotFound'],
  [409, 'EntityAlreadyExists'],
  [412, 'UpdateConditionNotSatisfied'],
] as const)('%i %s is an answer about the row', async (status, code) => {
  answersTransaction(status, code);
  expect(await outcome('transaction')).toBeUndefined();
  answers(status, code);
  for (const request of ['read', 'create', 'update', 'delete'] as const)
    expect(await outcome(request)).toBeUndefined();
});

test.each([
  [404, 'TableNotFound'],
  [409, 'TableBeingDeleted'],
  [404, 'SomethingNew'],
] as const)('%i %s is a fault', async (status, code) => {
  answersTransaction(status, code);
  await expect(outcome('transaction')).rejects.toThrow(Unavailable);
  answers(status, code);
  for (const request of ['read', 'create', 'update', 'delete'] as const)
    await expect(outcome(request)).rejects.toThrow(Unavailable);
});

test('a 404 that is not from the table service is a fault', async () => {
  reply = { status: 404, contentType: 'text/html', body: '<h1>Not found</h1>' };
  await expect(outcome('read')).rejects.toThrow(Unavailable);
});
