import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { words as english, type Text } from '../../../portal/text/languages/en.ts';

const folder = new URL('../../../portal/text/languages/', import.meta.url);
const languages = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const { words }: { words: Text } = await import(new URL(file, folder).href);
    return { file, words };
  }),
);

/** What the page says in each place, by the path to it; of a function, for one and for several. */
function sentences(value: unknown, path = ''): [path: string, sentence: unknown][] {
  if (typeof value === 'function')
    return [1, 2].flatMap((count) =>
      sentences(value(...Array(value.length).fill(count)), `${path}(${value.length} arguments, ${count})`),
    );
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => sentences(inner, `${path}/${key}`));
}

const placesIn = (words: Text) => sentences(words).map(([path]) => path);

test('More than one language is compared', () => {
  expect(languages.length).toBeGreaterThan(1);
});

describe.each(languages)('$file', ({ words }) => {
  test('has every word of English, in the same shape', () => {
    expect(placesIn(words).toSorted()).toEqual(placesIn(english).toSorted());
  });

  test('leaves nothing empty, nor a gap in a sentence, but the name of a device that nobody knows', () => {
    const whole = /^\S+( \S+)*$/;
    const gaps = sentences(words).filter(([, said]) => typeof said !== 'string' || !whole.test(said));
    expect(gaps).toEqual([['/devices/other/name', '']]);
  });

  test.each([
    ['rename', words.renameOf('iPhone'), words.rename],
    ['delete', words.deleteOf('iPhone'), words.delete],
    ['revive', words.reviveOf('iPhone'), words.revive],
    ['copy', words.copyOf('iPhone'), words.copy],
    ['suspend', words.admin.suspendOf('iPhone'), words.admin.suspend],
    ['resume', words.admin.resumeOf('iPhone'), words.admin.resume],
  ])('holds what is seen in what is read out: %s (WCAG 2.5.3)', (_, name, label) => {
    expect(name).toContain(label);
    expect(name).toContain('iPhone');
  });

  test('asks for a word that is compared in lower case', () => {
    expect(words.deleteWord).toBe(words.deleteWord.toLowerCase());
  });
});
