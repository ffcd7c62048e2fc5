import type { Announcement } from '../events/announcement.ts';
import type { EndedSymbol } from '../storage/runs.ts';
import type { Records } from '../storage/read-runs.ts';
import type { ImportSummary } from './import-summary.ts';
import type { VendorRetry } from './vendor.ts';

/** A try that failed and is repeated, and why. */
export type ObservedRetry = Omit<VendorRetry, 'error'> & {
  readonly error: Pick<VendorRetry['error'], 'code' | 'message'>;
};

/** Hears what becomes of runs, for logs and metrics; it may not throw. */
export interface ImportObserver {
  started(run: { readonly runId: string; readonly attempt: number; readonly symbols: number }): void;
  retrying(runId: string, retry: ObservedRetry): void;
  stored(runId: string, records: Records, ended: readonly EndedSymbol[]): void;
  ended(runId: string, summary: ImportSummary): void;
  /** The event could not be written to the outbox: the database is gone. */
  unrecorded(event: Announcement): void;
}

/** Hears nothing. */
export const noObserver: ImportObserver = {
  started() {},
  retrying() {},
  stored() {},
  ended() {},
  unrecorded() {},
};
