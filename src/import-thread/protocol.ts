import type { EffectiveSetting } from '../config.ts';
import { AppError, type ErrorCode, RunConflict } from '../errors.ts';
import type { ImportRequest, StartedImport } from '../jobs/daily-import-job.ts';
import type { ImportObserver } from '../jobs/import-observer.ts';
import type { OpenRun, StopRequest } from '../storage/run-signs.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import type { RequestLog } from '../massive/fetcher.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly settings: readonly EffectiveSetting[];
  /** What the service's clock is ahead of the machine's, in ms. */
  readonly clockAheadMs: number;
}

/** What is asked of the thread. */
export interface Order {
  readonly id: number;
  readonly work:
    | { readonly kind: 'start'; readonly request: ImportRequest }
    | { readonly kind: 'retry'; readonly runId: string; readonly symbols: readonly string[] }
    | { readonly kind: 'resume'; readonly runId: string }
    | { readonly kind: 'adopt'; readonly open: OpenRun }
    | { readonly kind: 'stop run'; readonly runId: string; readonly stop: StopRequest }
    | { readonly kind: 'stop' };
}

/** What an observer hears, as a message. */
export type Observation = {
  [K in keyof ImportObserver]: {
    readonly kind: 'observed';
    readonly name: K;
    readonly args: Parameters<ImportObserver[K]>;
  };
}[keyof ImportObserver];

/** What the thread says. */
export type Report =
  | { readonly kind: 'ready' }
  /** It could not begin, and ends. */
  | { readonly kind: 'unready'; readonly error: PlainError }
  /** An order was carried out, or could not be; a run that was started goes on. */
  | { readonly kind: 'answer'; readonly id: number; readonly started: PlainStart | null }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: PlainError }
  /** The run that an order started has ended. */
  | { readonly kind: 'ended'; readonly id: number; readonly summary: ImportSummary }
  | { readonly kind: 'stopped'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'noticed'; readonly runId: string | undefined; readonly text: string }
  | { readonly kind: 'requested'; readonly log: RequestLog }
  | Observation;

export type PlainStart = Omit<StartedImport, 'done'>;

/** An AppError that can cross over; its cause cannot. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly runId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export const toPlainError = (error: AppError): PlainError => ({
  code: error.code,
  message: error.message,
  runId: error instanceof RunConflict ? error.runId : undefined,
  retryAfterMs: error.retryAfterMs,
});

export const fromPlainError = ({ code, message, runId, retryAfterMs }: PlainError): AppError =>
  runId === undefined
    ? new AppError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs })
    : new RunConflict(runId, message);
