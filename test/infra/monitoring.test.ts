import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { environments } from '../../testing/bicep.ts';
import { read } from '../../testing/files.ts';
import { readQuery } from '../../testing/kusto.ts';
import { alertsOf, ofType, snapshots } from '../../testing/snapshots.ts';
import { workspaceTables } from '../../testing/workspace-tables.ts';

/** The queries of one kind, by their names. */
function queries(kind: 'alerts' | 'workbook'): Record<string, string> {
  const files = globSync(`infra/queries/${kind}/*.kql`, { cwd: root });
  return Object.fromEntries(files.map((file) => [basename(file, '.kql'), read(file)]));
}

interface Item {
  readonly type: number;
  readonly content: { readonly query: string; readonly timeContextFromParameter: string };
}

describe.each(snapshots.map((snapshot) => [snapshot.name, snapshot] as const))(
  'Monitoring in %s',
  (name, snapshot) => {
    const said = environments[name] ?? {};
    const rules = ofType(snapshot, 'Microsoft.Insights/scheduledQueryRules');
    const [workspace] = ofType(snapshot, 'Microsoft.OperationalInsights/workspaces');
    const metricAlerts = ofType(snapshot, 'Microsoft.Insights/metricAlerts');
    const groups = ofType(snapshot, 'Microsoft.Insights/actionGroups');

    test('has one alert for each query, but none on a directory that is not followed', () => {
      const { 'directory-late': late, ...others } = queries('alerts');
      const wanted = said.FOLLOW_DIRECTORY === 'false' ? others : { ...others, 'directory-late': late };
      expect(Object.fromEntries(rules.map((it) => [it.name, it.properties.criteria.allOf[0].query]))).toEqual(
        wanted,
      );
    });

    test('fires an alert for every row of its query in the workspace', () => {
      for (const { properties } of rules) {
        expect(properties).toMatchObject({ enabled: true, scopes: [workspace?.id] });
        expect(properties.criteria.allOf).toEqual([
          expect.objectContaining({ timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 }),
        ]);
      }
    });

    test('is an alert of its own for each gateway, network or service that a query tells apart', () => {
      for (const { name, properties } of rules) {
        const [{ query, dimensions }] = properties.criteria.allOf;
        const told = readQuery(query, workspaceTables).texts;
        const each = told.map((it) => ({ name: it, operator: 'Include', values: ['*'] }));
        expect(dimensions, name).toEqual(each);
      }
    });

    test('tells whom the operator named, if anybody', () => {
      const addresses = groups.flatMap((it) => it.properties.emailReceivers);
      expect(addresses.map((it) => it.emailAddress)).toEqual(said.ALERT_EMAIL ? [said.ALERT_EMAIL] : []);
      for (const { properties } of rules)
        expect(properties.actions.actionGroups).toEqual(groups.map(({ id }) => id));
      for (const { properties } of metricAlerts)
        expect(properties.actions).toEqual(groups.map(({ id }) => ({ actionGroupId: id })));
    });

    test('asks a site that is public from outside whether it is well, as it may be too ill to say so', () => {
      const [site] = ofType(snapshot, 'Microsoft.Web/sites');
      const [insights] = ofType(snapshot, 'Microsoft.Insights/components');
      const asks = ofType(snapshot, 'Microsoft.Insights/webtests');
      const { PORTAL_URL: portal = '' } = snapshot.outputs;
      const health = portal.startsWith('[')
        ? `[format('{0}/api/health', ${portal.slice(1, -1)})]`
        : `${portal}/api/health`;
      const isPublic = site?.properties.publicNetworkAccess === 'Enabled';
      expect(asks.map((it) => it.properties.Request.RequestUrl)).toEqual(isPublic ? [health] : []);
      expect(metricAlerts.map((it) => it.properties)).toEqual(
        asks.map(({ id, properties }) =>
          expect.objectContaining({
            enabled: true,
            scopes: [id, insights?.id],
            criteria: {
              'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria',
              webTestId: id,
              componentId: insights?.id,
              failedLocationCount: properties.Locations.length - 1,
            },
          }),
        ),
      );
    });

    test('shows every query of the workbook, over the time that is chosen there', () => {
      const [workbook] = ofType(snapshot, 'Microsoft.Insights/workbooks');
      const { items } = JSON.parse(workbook?.properties.serializedData) as { items: Item[] };
      const shown = items.filter(({ type }) => type === 3).map(({ content }) => content);
      expect(shown.map(({ query }) => query).sort()).toEqual(Object.values(queries('workbook')).sort());
      for (const { timeContextFromParameter } of shown) expect(timeContextFromParameter).toBe('TimeRange');
    });

    test('takes no more a day than the operator said', () => {
      expect(workspace?.properties.workspaceCapping.dailyQuotaGb).toBe(Number(said.DAILY_CAP_GB ?? -1));
    });
  },
);

test('docs/monitoring.md has each alert, with its severity and the page that it names', () => {
  const rows = [...read('docs/monitoring.md').matchAll(/^\| `([\w-]+)` \| (\d) \|.*$/gm)];
  const documented = Object.fromEntries(rows.map(([row, name, severity]) => [name, { row, severity }]));
  const rules = snapshots.flatMap(alertsOf);
  expect(Object.keys(documented).sort()).toEqual([...new Set(rules.map(({ name }) => name))].sort());
  for (const { name, properties } of rules) {
    expect(Number(documented[name]?.severity)).toBe(properties.severity);
    const [, page] = /docs\/(\S+)$/.exec(properties.description) ?? [];
    expect(documented[name]?.row).toContain(`(${page})`);
  }
});

test('docs/monitoring.md leads to pages of docs/operations.md that are there', () => {
  const headings = [...read('docs/operations.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
  const anchors = headings.map((it) =>
    it
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...read('docs/monitoring.md').matchAll(/operations\.md#([\w-]+)/g)].map(
    ([, anchor]) => anchor,
  );
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
});
