import type { TableClient } from '@azure/data-tables';
import { answerUnless } from '../../shared/tables/answer.ts';
import { type Entity, importPlace as place } from '../../shared/tables/rows.ts';
import { patience } from './rows.ts';

/** What is to become of app passwords that may have been deleted since the export. */
export const importDecisions = ['suspend', 'accept'] as const;
export type ImportDecision = (typeof importDecisions)[number];

/** An import into an empty store that has begun, and not ended. */
export interface Mark {
  /** Identifies the file. */
  readonly sha256: string;
  readonly decision: ImportDecision;
}

/** @throws Unavailable when storage is away. */
export async function readMark(table: TableClient): Promise<Mark | undefined> {
  const { partitionKey, rowKey } = place;
  const options = { abortSignal: AbortSignal.timeout(patience) };
  const row = await answerUnless([404], table.getEntity<Entity>(partitionKey, rowKey, options));
  if (row === undefined) return undefined;
  return { sha256: String(row.sha256), decision: row.decision === 'accept' ? 'accept' : 'suspend' };
}

/** Leaves a mark unless there is one. @returns the one that is there then */
export async function leaveMark(table: TableClient, mark: Mark): Promise<Mark> {
  const options = { abortSignal: AbortSignal.timeout(patience) };
  const done = await answerUnless([409], table.createEntity({ ...place, ...mark }, options));
  return done === undefined ? ((await readMark(table)) ?? mark) : mark;
}

/** Takes the mark away. */
export async function removeMark(table: TableClient): Promise<void> {
  const { partitionKey, rowKey } = place;
  const options = { abortSignal: AbortSignal.timeout(patience) };
  await answerUnless([404], table.deleteEntity(partitionKey, rowKey, options));
}
