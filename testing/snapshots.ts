import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const folder = new URL('../infra/snapshots/', import.meta.url);

/** A resource as a deployment would make it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it holds depends on its type
  readonly [property: string]: any;
}

/** A whole deployment, expanded. */
export interface Snapshot {
  /** That of the parameter file. */
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** The snapshots that the repository holds. */
export const snapshots: readonly Snapshot[] = globSync('*.json', { cwd: folder })
  .sort()
  .map((file) => {
    const { predictedResources, outputs } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    return { name: basename(file, '.json'), resources: predictedResources, outputs };
  });

/** The resources of one type. */
export function ofType({ resources }: Snapshot, type: string): Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/** Whatever wakes an operator. */
export function alertsOf(snapshot: Snapshot): Resource[] {
  return ['scheduledQueryRules', 'metricAlerts'].flatMap((type) =>
    ofType(snapshot, `Microsoft.Insights/${type}`),
  );
}

/** The app settings of a deployment. */
export function appSettings(snapshot: Snapshot): Record<string, string> {
  return ofType(snapshot, 'Microsoft.Web/sites/config')[0]?.properties;
}
