import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../local/stack-file.ts';
import { releaseNotes } from '../../operator/release.ts';
import { read } from '../../testing/files.ts';

const changelog = read('CHANGELOG.md');
const { version } = JSON.parse(read('package.json')) as { version: string };
/** The changelog as it is on the day of the next release. */
const released = changelog.replace('## [Unreleased]', '## [9.8.7] - 2026-12-01');

describe('The notes of a release', () => {
  test('are its section of the changelog, without the heading', () => {
    const notes = releaseNotes(released, '9.8.7', 'v9.8.7');
    expect(released).toContain(`## [9.8.7] - 2026-12-01\n\n${notes}\n`);
    expect(notes).toContain('### Added\n\n- ');
    expect(notes).not.toMatch(/^##? /m);
  });

  test('are one section of several', () => {
    const two = `${released}\n## [9.8.6] - 2026-11-01\n\n### Fixed\n\n- A thing.\n`;
    expect(releaseNotes(two, '9.8.6')).toBe('### Fixed\n\n- A thing.');
    expect(releaseNotes(two, '9.8.7')).toBe(releaseNotes(released, '9.8.7'));
  });

  test.each([
    ['another tag than the version', released, '9.8.7', 'v9.8.6', 'must be the same version'],
    [
      'a version that has no section',
      released,
      '9.8.8',
      undefined,
      'give [Unreleased] this version and the day',
    ],
    ['a version that has no day', released.replace(' - 2026-12-01', ''), '9.8.7', undefined, 'YYYY-MM-DD'],
    [
      'a section that says nothing',
      '## [9.8.7] - 2026-12-01\n\n## [9.8.6] - 2026-11-01\n\n- A thing.\n',
      '9.8.7',
      undefined,
      'says nothing of 9.8.7',
    ],
  ])('are refused for %s', (_name, text, wanted, tag, message) => {
    expect(() => releaseNotes(text, wanted, tag)).toThrow(message);
  });
});

test('CHANGELOG.md has what is not released yet, and the version of package.json or the promise of it', () => {
  expect(changelog).toMatch(/^## \[Unreleased\]$/m);
  expect(changelog).toMatch(new RegExp(`^## \\[${version}\\] - |^This becomes ${version},`, 'm'));
});

test.each(['bug', 'feature'])('the form for a %s is one that GitHub shows', (name) => {
  const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`));
  expect(form).toEqual({
    name: expect.any(String),
    description: expect.any(String),
    labels: [expect.any(String)],
    body: expect.any(Array),
  });
  const asked = form.body.filter(({ type }: { type: string }) => type !== 'markdown');
  for (const { type, id, attributes } of asked) {
    expect(['input', 'textarea', 'dropdown']).toContain(type);
    expect(id).toMatch(/^[a-z-]+$/);
    expect(attributes.label).toEqual(expect.any(String));
    if (type === 'dropdown') expect(new Set(attributes.options).size).toBe(attributes.options.length);
  }
  expect(new Set(asked.map(({ id }: { id: string }) => id)).size).toBe(asked.length);
});

test('whoever found a vulnerability is sent to SECURITY.md, never to a public issue', () => {
  expect(existsSync(`${root}SECURITY.md`)).toBe(true);
  expect(parse(read('.github/ISSUE_TEMPLATE/config.yml'))).toEqual({ blank_issues_enabled: false });
  expect(read('.github/ISSUE_TEMPLATE/bug.yml')).toContain('[security policy](../security/policy)');
  expect(read('.github/pull_request_template.md')).toContain('SECURITY.md');
});
