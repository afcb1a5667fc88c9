import { globSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { environments, findBicep, howToGetBicep, lint, snapshot, unformatted } from '../../testing/bicep.ts';

vi.setConfig({ testTimeout: 180_000 });
const bicep = findBicep() ?? '';
if (bicep === '') console.warn(`Skipped: the test of the Bicep ${howToGetBicep}.`);

test('every parameter file has a snapshot', () => {
  const named = (pattern: string) =>
    globSync(pattern, { cwd: new URL('../../infra/', import.meta.url) })
      .map((file) => basename(file).split('.')[0])
      .sort();
  expect(named('environments/*.bicepparam')).toEqual(Object.keys(environments).sort());
  expect(named('snapshots/*.json')).toEqual(Object.keys(environments).sort());
});

// azd's own validation runs "bicep snapshot" on the parameter file, and then removes the file that this writes beside it.
test('no snapshot lies where azd would remove it', () => {
  const others = readdirSync(new URL('../../infra/environments/', import.meta.url)).filter(
    (file) => !file.endsWith('.bicepparam'),
  );
  expect(others).toEqual([]);
});

test.runIf(process.env.CI === 'true')('where CI is true, the compiler is there', () => {
  expect(bicep, howToGetBicep).not.toBe('');
});

// Without a compiler there is nothing to ask; the snapshots, which are in the repository, are tested all the same.
describe.skipIf(bicep === '')(`The Bicep (${bicep === '' ? howToGetBicep : 'by the real compiler'})`, () => {
  test('compiles and passes the linter without an error or a warning', async () => {
    expect(await lint(bicep)).toEqual([]);
  });

  test('is formatted', async () => {
    expect(await unformatted(bicep)).toEqual([]);
  });

  test.each(Object.keys(environments))(
    'expands to the snapshot of %s; "npm run infra:snapshot" writes it anew',
    async (name) => {
      expect(await snapshot(bicep, name, 'validate')).toBe('');
    },
  );
});
