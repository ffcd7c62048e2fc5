import { parentPort, workerData } from 'node:worker_threads';
import { type App, createApp } from '../app.ts';
import { createClock } from '../clock.ts';
import { settingsOf } from '../config.ts';
import { toAppError } from '../errors.ts';
import type { ImportObserver } from '../jobs/import-observer.ts';
import { createImportRuns } from '../jobs/import-runs.ts';
import type { DailyImportJob, StartedImport } from '../jobs/daily-import-job.ts';
import { type Order, type Report, type ThreadData, toPlainError } from './protocol.ts';

/** The thread that imports: reads orders, and reports what becomes of them. */

const { settings, clockAheadMs } = workerData as ThreadData;
const report = (message: Report): void => parentPort?.postMessage(message);
const opened = await createApp(
  settingsOf(settings),
  createClock(clockAheadMs === 0 ? undefined : Date.now() + clockAheadMs),
).catch((error: unknown) => {
  // Thrown it could overtake what is said of it here; the service ends the thread.
  report({ kind: 'unready', error: toPlainError(toAppError(error)) });
  return null;
});
if (opened !== null) obeyOrders(opened);

function obeyOrders(app: App): void {
  const runs = createImportRuns({
    database: app.database,
    openJob(): Promise<DailyImportJob> {
      let runId: string | undefined;
      const observer: ImportObserver = {
        started(run) {
          ({ runId } = run);
          report({ kind: 'observed', name: 'started', args: [run] });
        },
        retrying(id, { error, ...retry }) {
          // An error loses its class on the way; what is said of it is enough.
          report({
            kind: 'observed',
            name: 'retrying',
            args: [id, { ...retry, error: { code: error.code, message: error.message } }],
          });
        },
        stored: (...args) => report({ kind: 'observed', name: 'stored', args }),
        ended: (...args) => report({ kind: 'observed', name: 'ended', args }),
        unrecorded: (...args) => report({ kind: 'observed', name: 'unrecorded', args }),
      };
      return app.importJob({
        observer,
        notice: (text) => report({ kind: 'noticed', runId, text }),
        onRequest: (log) => report({ kind: 'requested', log }),
      });
    },
  });

  async function carryOut(work: Order['work']): Promise<StartedImport | null> {
    switch (work.kind) {
      case 'start':
        return runs.start(work.request);
      case 'retry':
        return runs.retry(work.runId, work.symbols);
      case 'resume':
        return runs.resume(work.runId);
      case 'adopt':
        return runs.adopt(work.open);
      case 'stop run':
        await runs.stopRun(work.runId, work.stop);
        return null;
      case 'stop':
        await runs.stop();
        await app.close();
        return null;
    }
  }

  parentPort?.on('message', ({ id, work }: Order) => {
    void (async () => {
      try {
        const started = await carryOut(work);
        if (started === null) return report({ kind: 'answer', id, started: null });
        const { done, ...plain } = started;
        report({ kind: 'answer', id, started: plain });
        await follow(id, done);
      } catch (error) {
        report({ kind: 'refusal', id, error: toPlainError(toAppError(error)) });
      }
    })();
  });
  report({ kind: 'ready' });
}

async function follow(id: number, done: StartedImport['done']): Promise<void> {
  try {
    report({ kind: 'ended', id, summary: await done });
  } catch (error) {
    report({ kind: 'stopped', id, error: toPlainError(toAppError(error)) });
  }
}
