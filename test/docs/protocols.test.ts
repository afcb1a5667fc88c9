import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { protocols } from '../../shared/domain/gateway/protocol.ts';
import { read } from '../../testing/files.ts';

/** The words in backticks of the first match, in their order. */
const wordsIn = (text: string, list: RegExp) =>
  [...(list.exec(text)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word);

const { schemas, parameters } = parse(read('openapi.yaml')).components;

test('README.md lists every protocol', () => {
  expect(wordsIn(read('README.md'), /`X-Protocol` \(([^)]*)\)/)).toEqual(protocols);
});

test('openapi.yaml describes X-Protocol with every protocol', () => {
  const words = wordsIn(parameters.Protocol.description, /speaks: (.*)\. It/s);
  expect(words.filter((word) => word !== 'submission')).toEqual(protocols);
});

test('openapi.yaml has every protocol wherever one is a value or a name', () => {
  expect(schemas.ProtocolName.enum).toEqual(protocols);
  expect(schemas.UsedProtocol.enum).toEqual([...protocols, null]);
});
