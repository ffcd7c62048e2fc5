import pino, { type Logger } from 'pino';
import type { AppError } from './errors.ts';
import type { ImportObserver } from './jobs/import-observer.ts';

/** Log lines as JSON on stderr; `level` is the least important shown. */
export const createServiceLog = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['*.headers', 'headers'], remove: true },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );

/** Says what becomes of runs, with the run, and the symbol where there is one, on each line. */
export const logRuns = (log: Logger): ImportObserver => ({
  started: ({ runId, attempt, symbols }) => log.info({ run_id: runId, attempt, symbols }, 'run started'),
  retrying: (runId, { symbol, error, delayMs }) =>
    log.warn(
      { run_id: runId, ...about(symbol), code: error.code, delay_ms: Math.round(delayMs) },
      error.message,
    ),
  stored(runId, records, ended) {
    log.debug({ run_id: runId, ...records }, 'batch stored');
    for (const { symbol, failure, processingTimeMs, recordsImported } of ended) {
      const facts = { run_id: runId, symbol, ms: Math.round(processingTimeMs), records: recordsImported };
      if (failure === null) log.debug(facts, 'symbol completed');
      else log.warn({ ...facts, code: failure.code }, failure.message);
    }
  },
  ended(runId, { status, stopped_by: stoppedBy, ...summary }) {
    const facts = {
      run_id: runId,
      status,
      seconds: summary.duration_seconds,
      successful: summary.successful_symbols,
      failed: summary.failed_symbols,
      records: summary.total_records_imported,
      requests: summary.requests,
      gaps: summary.gaps,
    };
    const level = status === 'completed' || status === 'cancelled' ? 'info' : 'warn';
    log[level]({ ...facts, ...stoppedBy }, `run ${status}`);
  },
  unrecorded: ({ runId, message }) =>
    log.error({ run_id: runId, event: message }, 'the event could not be stored'),
});

const about = (symbol: string | undefined): { symbol?: string } => (symbol === undefined ? {} : { symbol });

/** A failure as a log line's fields. */
export const failureFields = ({ code, message }: AppError): object => ({ code, error: message });
