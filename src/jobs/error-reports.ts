import type { Clock } from '../clock.ts';
import type { Announcement } from '../events/announcement.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents } from '../storage/outbox.ts';
import type { EndedSymbol } from '../storage/runs.ts';
import { type RunFacts, errorEvent } from './run-events.ts';
import type { VendorRetry } from './vendor.ts';

/**
 * The `critical_error` events of an attempt, one for each code and symbol: throttling as soon as it is met, since
 * it may hold up everybody for minutes, and each symbol's failure with its end.
 */
export function createErrorReports(run: RunFacts, database: Database, clock: Clock) {
  const said = new Set<string>();
  let writing: Promise<unknown> = Promise.resolve();

  const isNew = (code: string, symbol: string | undefined): boolean => {
    const key = `${code} ${symbol ?? ''}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  };

  return {
    retrying({ error, symbol, delayMs }: VendorRetry): void {
      if (error.code !== 'API_RATE_LIMIT' || !isNew(error.code, symbol)) return;
      const event = errorEvent(run, error, { symbol, retryAfterMs: delayMs }, clock.now());
      writing = writing
        .then(() => database.transaction('record an error', (client) => appendEvents(client, [event])))
        // The batch under way will say that storage fails.
        .catch(() => {});
    },
    ofEnded: (ended: readonly EndedSymbol[], at: number): Announcement[] =>
      ended.flatMap(({ symbol, failure }) =>
        failure !== null && !said.has(`${failure.code} ${symbol}`)
          ? [errorEvent(run, failure, { symbol }, at)]
          : [],
      ),
    /** Resolves when all of them are in the outbox. */
    written: () => writing,
  };
}
