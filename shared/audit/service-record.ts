import type { ManagementRefusal } from '../domain/audit-record.ts';
import type { FaultKind } from '../runtime/fault.ts';

/** One structured record of how the service does; as those of what happened, it never holds a secret. */
export type ServiceRecord =
  /** A fault that somebody was answered, or that ended the run of a timer. */
  { readonly event: 'function.failed'; readonly function: string; readonly kind: FaultKind } | CountedRecord;

/** Refreshes of what is held in memory, and what follows an answer. */
export type BackgroundWork =
  | 'pepper'
  | 'gateway-keys'
  | 'policy'
  | 'signing-keys'
  | 'profile-certificate'
  | 'after-answer';

/** What may happen thousands of times a second, and is recorded with how many times it did. */
type CountedRecord = Countable & { readonly count: number };

export type Countable =
  | {
      readonly event: 'service.failed';
      readonly service: Service;
      /** Of HTTP; null where there was no answer. */
      readonly statusCode: number | null;
    }
  /** Work that no request waited for. */
  | { readonly event: 'background.failed'; readonly work: BackgroundWork }
  /** A gateway key that belongs to no gateway. */
  | { readonly event: 'gateway-key.refused' }
  | ManagementRefusal;

/** What the app asks for over the network, and cannot do without. */
export type Service = 'storage' | 'vault' | 'directory';
