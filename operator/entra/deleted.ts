import * as z from 'zod';
import type { DeploymentSettings } from '../../shared/settings/settings.ts';
import type { Graph } from './graph.ts';
import {
  administrator,
  findApplication,
  findPrincipal,
  getApplication,
  getPrincipal,
  type Part,
  readIt,
  uniqueName,
} from './state.ts';

const deletedApplication = z.object({ id: z.string(), uniqueName: z.string().nullish() });
const deletedPrincipal = z.object({ id: z.string(), appId: z.string() });

const parts: Record<Part, string> = { api: 'API', portal: 'Portal' };

/**
 * Brings back what was deleted of the registrations in the last 30 days: so long their unique names are not free, and with them
 * come back who has which role.
 *
 * @param options.isPlan whether it is only said, and nothing changed
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore
 */
export async function restoreDeleted(
  graph: Graph,
  settings: DeploymentSettings,
  { say, isPlan }: { readonly say: (line: string) => void; readonly isPlan: boolean },
): Promise<void> {
  const restore = async (id: string, what: string) => {
    say(what);
    if (isPlan) return;
    const path = `directory/deletedItems/${id}/restore`;
    await graph.write({ to: `do "${what}"`, takes: administrator, method: 'POST', path, body: {} });
  };
  for (const part of ['api', 'portal'] as const) {
    let application = await findApplication(graph, settings, part);
    if (application === undefined) {
      const deleted = await deletedItems(graph, 'application?$select=id,uniqueName', deletedApplication);
      const found = deleted.find((it) => it.uniqueName === uniqueName(settings, part));
      if (found === undefined) continue;
      await restore(found.id, `${parts[part]}: bring its registration back, which was deleted`);
      if (isPlan) continue;
      application = await getApplication(graph, settings, part);
    }
    const { appId } = application;
    if ((await findPrincipal(graph, appId)) !== undefined) continue;
    const deleted = await deletedItems(graph, 'servicePrincipal?$select=id,appId', deletedPrincipal);
    const found = deleted.find((it) => it.appId === appId);
    if (found === undefined) continue;
    await restore(found.id, `${parts[part]}: bring its enterprise application back, which was deleted`);
    if (!isPlan) await getPrincipal(graph, appId);
  }
}

function deletedItems<T>(graph: Graph, query: string, schema: z.ZodType<T>): Promise<T[]> {
  return graph.list(schema, `directory/deletedItems/microsoft.graph.${query}`, readIt);
}
