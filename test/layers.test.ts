import { globSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { root } from '../local/stack-file.ts';
import { read } from '../testing/files.ts';

/** What a folder may import, beside packages; the first folder that a file lies in is the one that counts. */
const mayImport: Readonly<Record<string, RegExp>> = {
  'shared/domain/': /^shared\/domain\//,
  'shared/http/': /^shared\//,
  'shared/': /^shared\/(?!http\/)/,
  'functions/': /^shared\//,
  'portal/': /^(portal|shared\/domain)\//,
  'operator/': /^(operator|shared)\//,
  'local/': /^(local|operator|shared)\//,
  'bench/': /^(?!functions|portal)/,
  'testing/': /^(?!test\/)/,
  'test/': /^/,
};

/** The domain has no input and output of its own, and no library of Azure. */
const packagesOfDomain = ['cdigit', 'ipaddr.js', 'node:crypto', 'node:net', 'node:url'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const isRelative = (specifier: string) => specifier.startsWith('.');

function importsOf(from: string): Import[] {
  const found = read(from).matchAll(
    /^(?:import|export)\s(?<type>type\s)?[^;'"]*?from\s*'(?<of>[^']+)'|\bimport\('(?<later>[^']+)'\)|^import '(?<effect>[^']+)'/gm,
  );
  return [...found].map(({ groups: { type, of, later, effect } = {} }) => {
    const specifier = of ?? later ?? effect ?? '';
    const to = isRelative(specifier) ? join(dirname(from), specifier) : specifier;
    return { from, to, isType: type !== undefined };
  });
}

const files = globSync(`{${Object.keys(mayImport).join(',')}}**/*.{ts,tsx}`, { cwd: root }).sort();
const imports = files.flatMap(importsOf);
const isFile = ({ to }: Import) => files.includes(to);
const arrow = ({ from, to }: Import) => `${from} -> ${to}`;

describe('Imports go downwards only', () => {
  test.each(Object.entries(mayImport))('%s', (folder, allowed) => {
    const own = imports.filter(
      ({ from }) => Object.keys(mayImport).find((it) => from.startsWith(it)) === folder,
    );
    expect(own.filter(isFile).length).toBeGreaterThan(10);
    // What the page is told of its settings is a type of the service's, and nothing of it is in the page.
    const typesOfPage = ({ to, isType }: Import) => isType && to === 'shared/settings/portal-settings.ts';
    const upwards = own.filter(
      (it) => isFile(it) && !allowed.test(it.to) && !(folder === 'portal/' && typesOfPage(it)),
    );
    expect(upwards.map(arrow)).toEqual([]);
  });

  test('the domain needs no package but for hashes, names of domains, addresses and check letters', () => {
    const packages = imports.filter((it) => it.from.startsWith('shared/domain/') && !isFile(it));
    expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(packagesOfDomain);
  });
});
