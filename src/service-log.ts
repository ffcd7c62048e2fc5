import pino, { type Logger } from 'pino';
import type { AppError } from './errors.ts';
import type { ImportListeners } from './app.ts';

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

/** Says what becomes of one run, with its id, and the symbol where there is one, on each line. */
export function logRun(log: Logger): Required<Pick<ImportListeners, 'notice' | 'observer'>> {
  let line = log;
  return {
    notice: (text) => line.info(text),
    observer: {
      started({ runId, attempt, symbols }) {
        line = log.child({ run_id: runId, attempt });
        line.info({ symbols }, 'run started');
      },
      retrying: (_, { symbol, error, delayMs }) =>
        line.warn({ ...about(symbol), code: error.code, delay_ms: Math.round(delayMs) }, error.message),
      stored(_, records, ended) {
        line.debug({ ...records }, 'batch stored');
        for (const { symbol, failure, processingTimeMs, recordsImported } of ended) {
          const facts = { symbol, ms: Math.round(processingTimeMs), records: recordsImported };
          if (failure === null) line.debug(facts, 'symbol completed');
          else line.warn({ ...facts, code: failure.code }, failure.message);
        }
      },
      ended(_, { status, stopped_by: stoppedBy, ...summary }) {
        const facts = {
          status,
          seconds: summary.duration_seconds,
          successful: summary.successful_symbols,
          failed: summary.failed_symbols,
          records: summary.total_records_imported,
          requests: summary.requests,
          gaps: summary.gaps,
        };
        const level = status === 'completed' || status === 'cancelled' ? 'info' : 'warn';
        line[level]({ ...facts, ...stoppedBy }, `run ${status}`);
      },
      unrecorded: ({ message }) => line.error({ event: message }, 'the event could not be stored'),
    },
  };
}

const about = (symbol: string | undefined): { symbol?: string } => (symbol === undefined ? {} : { symbol });

/** A failure as a log line's fields. */
export const failureFields = ({ code, message }: AppError): object => ({ code, error: message });
