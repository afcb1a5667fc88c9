import { describe, expect, test } from 'vitest';
import { ofType, type Snapshot, snapshots } from '../../testing/snapshots.ts';
import { harmless, type Rule, rules } from './rules.ts';

const isAbout = ({ where }: Rule, snapshot: Snapshot) => where?.(snapshot) ?? true;
const about = (rule: Rule, snapshot: Snapshot) => ofType(snapshot, rule.type);
const objections = (rule: Rule, snapshot: Snapshot) =>
  about(rule, snapshot)
    .filter((resource) => !rule.holds(resource, snapshot))
    .map(({ id }) => id);

describe.each(rules.map((rule) => [`${rule.type} ${rule.says} (${rule.source})`, rule] as const))(
  '%s',
  (_, rule) => {
    test.each(snapshots.filter((snapshot) => isAbout(rule, snapshot)).map((it) => [it.name, it] as const))(
      'holds in %s, and is seen to be broken',
      (_, snapshot) => {
        expect(objections(rule, snapshot)).toEqual([]);
        about(rule, snapshot).forEach((_, index) => {
          for (const breaks of rule.breaks) {
            const copy = structuredClone(snapshot);
            const resource = about(rule, copy)[index];
            if (resource === undefined) throw new Error('the copy lacks it');
            breaks(resource, copy);
            expect(objections(rule, copy)).not.toEqual([]);
          }
        });
      },
    );

    test('is about something', () => {
      const found = snapshots.filter(
        (snapshot) => isAbout(rule, snapshot) && about(rule, snapshot).length > 0,
      );
      expect(found.length).toBeGreaterThan(0);
    });
  },
);

test('every type of resource has its rules, or needs none', () => {
  const ruled = new Set([...rules.map(({ type }) => type), ...harmless]);
  const types = snapshots.flatMap(({ resources }) => resources.map(({ type }) => type));
  expect(types.filter((type) => !ruled.has(type))).toEqual([]);
});

test('every resource that can have tags says which deployment it belongs to', () => {
  for (const { resources } of snapshots) {
    for (const { id, location, tags } of resources) {
      if (location !== undefined) expect(tags?.['azd-env-name'], id).toBe('example');
    }
  }
});
