import type { AuditRecord } from '../domain/audit-record.ts';
import type { Audit } from '../domain/ports.ts';
import type { ServiceRecord } from './service-record.ts';

/** A record of what happened, or of how the service does. */
export type TrailRecord = AuditRecord | ServiceRecord;

/** Where all records go. */
export interface AuditTrail extends Audit {
  record(record: TrailRecord): void;
}
