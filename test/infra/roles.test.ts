import { describe, expect, test } from 'vitest';
import { ids } from '../../testing/bicep.ts';
import { ofType, snapshots } from '../../testing/snapshots.ts';

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const roleNames: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

/** Whoever deploys, a person or an application, unless a group is named. */
const operators: Readonly<Record<string, string>> = {
  small: `${ids.operator} User`,
  production: `${ids.operators} Group`,
  private: `${ids.pipeline} ServicePrincipal`,
};

const may = [
  'app: Key Vault Secrets User on kv-',
  'app: Monitoring Metrics Publisher on appi-',
  'app: Storage Blob Data Owner on sthost',
  'app: Storage Table Data Contributor on stdata/default/AppPasswords',
  'app: Storage Table Data Contributor on stdata/default/Usernames',
  'operators: Key Vault Secrets Officer on kv-',
  'operators: Storage Table Data Contributor on stdata/default/AppPasswords',
  'operators: Storage Table Data Contributor on stdata/default/Usernames',
];

describe.each(snapshots.map((snapshot) => [snapshot.name, snapshot] as const))(
  'Who may do what in %s',
  (name, snapshot) => {
    const assignments = ofType(snapshot, 'Microsoft.Authorization/roleAssignments');
    const [identity] = ofType(snapshot, 'Microsoft.ManagedIdentity/userAssignedIdentities');
    const app = `[reference('${identity?.id}', '${identity?.apiVersion}').principalId]`;
    const who = new Map([
      [`${app} ServicePrincipal`, 'app'],
      [operators[name], 'operators'],
    ]);
    const token = /-(\w{13})$/.exec(identity?.name ?? '')?.[1] ?? '';

    test('is what is listed here, and not one right more', () => {
      const said = assignments.map(({ id, properties }) => {
        const { principalId, principalType, roleDefinitionId, ...more } = properties;
        expect(more).toEqual({});
        const [scope] = id.split('/providers/Microsoft.Authorization/');
        const on = snapshot.resources.find((resource) => resource.id === scope)?.name.replace(token, '');
        const role = roleNames[roleDefinitionId.split('/').at(-1)];
        return `${who.get(`${principalId} ${principalType}`)}: ${role} on ${on}`;
      });
      expect(said.sort()).toEqual(may);
    });

    test('is said under one name for each right, in this and every later deployment', () => {
      const names = assignments.map(({ name }) => name);
      expect(new Set(names).size).toBe(may.length);
      expect(names.filter((name) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name))).toEqual([]);
    });

    test('is said in no other way', () => {
      const others =
        /roleDefinitions$|roleEligibility|roleManagement|accessPolicies|sqlRole|denyAssignments/i;
      expect(snapshot.resources.filter(({ type }) => others.test(type))).toEqual([]);
    });
  },
);
