import type { Clock } from '../clock.ts';
import { type AppError, toAppError } from '../errors.ts';
import type { Database } from './database.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 2000;

/**
 * A database whose transactions wait while the server is away, and are repeated: their work must bear that, since the
 * connection may be lost just after the commit. `away` is told once each time the server goes.
 */
export function createPatientDatabase(
  database: Database,
  { clock, patienceMs }: { readonly clock: Pick<Clock, 'now' | 'sleep'>; readonly patienceMs: number },
  away: (error: AppError) => void,
): Database {
  // One patience for all transactions: whoever comes late waits no longer than the others. It ends when what was
  // tried first gets through, since reads succeed on a full disk.
  let outage: { readonly since: number; readonly attempted: string } | null = null;
  return {
    ...database,
    async transaction(attempted, work) {
      const gotThrough = (): void => {
        if (outage?.attempted === attempted) outage = null;
      };
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
        try {
          const result = await database.transaction(attempted, work);
          gotThrough();
          return result;
        } catch (thrown) {
          const error = toAppError(thrown);
          if (error.code !== 'STORAGE_FAILED' || !error.retryable) {
            gotThrough();
            throw error;
          }
          if (outage === null) {
            outage = { since: clock.now(), attempted };
            away(error);
          }
          if (clock.now() - outage.since >= patienceMs) throw error;
          await clock.sleep(delayMs);
        }
      }
    },
  };
}
