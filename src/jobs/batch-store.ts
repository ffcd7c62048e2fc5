import { randomUUID } from 'node:crypto';
import { writeBatch, type Batch } from '../storage/batch.ts';
import { appendEvents } from '../storage/outbox.ts';
import type { Attempt, WorkDeps } from './import-attempt.ts';
import { createProgressGate, progressEvents, symbolEvents } from './run-events.ts';

/** Writes a batch, the requests it came with and the events it makes true, in one transaction. */
export function createBatchStore(
  attempt: Attempt,
  { database, clock, settings, errors, observer, journal }: WorkDeps,
): (
  batch: Pick<Batch, 'pages' | 'outcomes' | 'answers' | 'estimatedCompletion'>,
) => Promise<{ new: number; changed: number; unchanged: number }> {
  const gate = createProgressGate(clock.now());
  return async (batch) => {
    const at = clock.now();
    const stored = new Set(batch.pages.flatMap(({ request }) => request ?? []));
    const requests = journal.take(stored);
    const whole = {
      ...batch,
      id: randomUUID(),
      runId: attempt.runId,
      attempt: attempt.attempt,
      windows: attempt.plan.windows,
      requests,
    };
    try {
      const { written, isAnnounced } = await database.transaction('store a batch of bars', async (client) => {
        const result = await writeBatch(client, whole, settings);
        const { progress } = result;
        const isLast = progress !== null && progress.completed + progress.failed === progress.totalSymbols;
        const announced = progress !== null && (isLast || gate.isOpen(at));
        if (result.isRepeated) return { written: result, isAnnounced: announced };
        await appendEvents(client, [
          ...symbolEvents(attempt, result.ended, at),
          ...errors.ofEnded(result.ended, at),
          ...(announced ? progressEvents(attempt, progress, at) : []),
        ]);
        return { written: result, isAnnounced: announced };
      });
      if (isAnnounced) gate.passed(at);
      observer.stored(attempt.runId, written.records, written.ended);
      return written.records;
    } catch (error) {
      journal.giveBack(requests);
      throw error;
    }
  };
}
