import type { Clock } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents } from '../storage/outbox.ts';
import { getRun, listFailedSymbols } from '../storage/read-runs.ts';
import { parkDeadRuns } from '../storage/run-signs.ts';
import { planRetry } from '../storage/schedule.ts';
import { summarize } from './import-summary.ts';
import { endEvents } from './run-events.ts';

const MESSAGE =
  'The process that worked on it ended without a word. What is stored stays; the run can go on.';

const nothingSpent = {
  requests: 0,
  evidenceRequests: 0,
  retries: 0,
  failedTries: {},
  throttledMs: 0,
  retriesMs: 0,
  bytes: 0,
};

/** Parks the runs whose process has died and tells of their end; daily ones go on at once. Those `alive` are this process's own. Returns their ids. */
export function endDeadRuns(database: Database, clock: Clock, alive: ReadonlySet<string>): Promise<string[]> {
  return database.transaction('end the runs of dead processes', async (client) => {
    const dead = await parkDeadRuns(client, MESSAGE, [...alive]);
    for (const { runId } of dead) {
      const run = await getRun(client, runId);
      const at = clock.now();
      const failures = await listFailedSymbols(client, runId);
      const durationMs = Math.max(0, (run.completedAt?.getTime() ?? 0) - run.createdAt.getTime());
      const summary = summarize(run, { failures, gaps: 0, durationMs, cost: nothingSpent, left: null });
      await appendEvents(client, endEvents(run, summary, at));
      if (run.session !== null) await planRetry(client, runId, () => new Date(at));
    }
    return dead.map(({ runId }) => runId);
  });
}
