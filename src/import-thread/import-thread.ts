import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { App } from '../app.ts';
import { AppError, ServiceStopped } from '../errors.ts';
import type { StartedImport } from '../jobs/daily-import-job.ts';
import type { ImportObserver } from '../jobs/import-observer.ts';
import type { ImportRuns } from '../jobs/import-runs.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import type { RequestLog } from '../massive/fetcher.ts';
import {
  type Observation,
  type Order,
  type PlainStart,
  type Report,
  type ThreadData,
  fromPlainError,
} from './protocol.ts';

export interface ThreadListeners {
  readonly observer: ImportObserver;
  notice(runId: string | undefined, text: string): void;
  onRequest(log: RequestLog): void;
  /** The thread died of something nobody foresaw while it was at work; all it worked on is rejected. */
  onDeath(error: Error): void;
}

/** As the importing process (docs/decisions/0003-small-heap.md). */
const YOUNG_GENERATION_MB = 48;
const STOP_PATIENCE_MS = 8000;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * Runs in a thread of their own: parsing and writing a hundred thousand bars a second would hold up whoever asks the
 * service something. Resolves when the thread has its database. @throws AppError when it cannot have it.
 */
export async function startImportThread(
  { settings, clock }: Pick<App, 'settings' | 'clock'>,
  listeners: ThreadListeners,
): Promise<ImportRuns> {
  const aheadMs = settings.find('now') === undefined ? 0 : clock.now() - Date.now();
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { settings: settings.effective, clockAheadMs: aheadMs } satisfies ThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const active = new Map<number, string>();
  const answers = new Map<number, Waiting<PlainStart | null>>();
  const ends = new Map<number, Waiting<ImportSummary>>();
  let lastId = 0;
  let isStopping = false;
  /** Why nobody answers any more. */
  let lost: AppError | undefined;
  let isReady = false;
  let onReady: Waiting<void> | undefined;

  const order = (work: Order['work']): { id: number; answer: Promise<PlainStart | null> } => {
    const id = ++lastId;
    const answer = new Promise<PlainStart | null>((resolve, reject) =>
      lost === undefined ? answers.set(id, { resolve, reject }) : reject(lost),
    ).finally(() => answers.delete(id));
    worker.postMessage({ id, work } satisfies Order);
    return { id, answer };
  };

  const tryToBegin = async (work: Order['work']): Promise<StartedImport | null> => {
    const { id, answer } = order(work);
    // In place before the run can end, which may be told right after its start.
    const done = new Promise<ImportSummary>((resolve, reject) => ends.set(id, { resolve, reject }));
    done.catch(() => {});
    const started = await answer;
    if (started === null) ends.delete(id);
    return started && { ...started, done };
  };

  const begin = async (work: Order['work']): Promise<StartedImport> => {
    const started = await tryToBegin(work);
    if (started === null) throw new AppError('INTERNAL', 'The import thread started nothing.');
    return started;
  };

  const hear = (message: Report): void => {
    switch (message.kind) {
      case 'ready':
        isReady = true;
        return onReady?.resolve();
      case 'unready':
        return onReady?.reject(fromPlainError(message.error));
      case 'answer':
        if (message.started !== null) active.set(message.id, message.started.runId);
        return answers.get(message.id)?.resolve(message.started);
      case 'refusal':
        ends.delete(message.id);
        return answers.get(message.id)?.reject(fromPlainError(message.error));
      case 'ended':
        active.delete(message.id);
        ends.get(message.id)?.resolve(message.summary);
        return void ends.delete(message.id);
      case 'stopped':
        active.delete(message.id);
        ends.get(message.id)?.reject(fromPlainError(message.error));
        return void ends.delete(message.id);
      case 'noticed':
        return listeners.notice(message.runId, message.text);
      case 'requested':
        return listeners.onRequest(message.log);
      case 'observed':
        return observe(listeners.observer, message);
    }
  };

  const die = (error: Error): void => {
    lost = isStopping
      ? new ServiceStopped()
      : new AppError('INTERNAL', `The import thread ended: ${error.message}.`, { cause: error });
    for (const waiting of [...answers.values(), ...ends.values()]) waiting.reject(lost);
    onReady?.reject(lost);
    active.clear();
    if (isReady && !isStopping) listeners.onDeath(error);
  };
  worker.on('message', hear);
  worker.on('error', die);
  worker.on('exit', (code) => {
    if (lost === undefined) die(new Error(`exit code ${code}`));
  });
  await new Promise<void>((resolve, reject) => (onReady = { resolve, reject })).catch(
    async (error: unknown) => {
      await worker.terminate();
      throw error;
    },
  );

  return {
    start: (request) => begin({ kind: 'start', request }),
    retry: (runId, symbols) => begin({ kind: 'retry', runId, symbols }),
    resume: (runId) => begin({ kind: 'resume', runId }),
    adopt: (open) => tryToBegin({ kind: 'adopt', open }),
    async stopRun(runId, stop) {
      await order({ kind: 'stop run', runId, stop }).answer;
    },
    get active() {
      return new Set(active.values());
    },
    async stop() {
      const { answer } = order({ kind: 'stop' });
      isStopping = true;
      // What has not ended by then is parked by the next service, for want of a sign of life.
      await Promise.race([answer.catch(() => {}), delay(STOP_PATIENCE_MS, undefined, { ref: false })]);
      await worker.terminate();
    },
  };
}

/** One name at a time, so that each has the arguments of its own. */
function observe(observer: ImportObserver, message: Observation): void {
  switch (message.name) {
    case 'started':
      return observer.started(...message.args);
    case 'retrying':
      return observer.retrying(...message.args);
    case 'stored':
      return observer.stored(...message.args);
    case 'ended':
      return observer.ended(...message.args);
    case 'unrecorded':
      return observer.unrecorded(...message.args);
  }
}
