import { z } from 'zod';
import { errorCodes, recoveryActions } from '../errors.ts';
import { timeframes } from '../market/timeframe.ts';
import { type EventName, eventDescriptions } from './event-names.ts';

const count = z.int().nonnegative();
const runId = z.string().min(1).describe('Id of the run.');
// Fields the guide does not have are optional: its examples are valid, and readers of old messages too.
const attempt = z.int().positive().optional().describe('Attempt of the run; 2 after the first retry.');
const percent = z.number().min(0).max(100);
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
  .describe('UTC, whole seconds.');
const names = z.array(z.string());
const timeframeList = z.array(z.enum(timeframes));
const day = z.iso.date().describe('New York date.');
const triggerType = z.enum(['automatic', 'manual']);

const payloads = {
  data_import_started: z.object({
    run_id: runId,
    universe_names: names.describe('Empty when symbols were named.'),
    total_symbols: count,
    timeframes: timeframeList,
    lookback_days: z
      .partialRecord(z.enum(timeframes), z.int().positive())
      .describe('Days looked back by timeframe; empty for explicit dates.'),
    from: day.optional().describe('The first date asked for, when dates were given.'),
    to: day.optional().describe('The last date asked for, when dates were given.'),
    attempt,
  }),
  job_progress_update: z.object({
    run_id: runId,
    phase: z.literal('data_import'),
    total_symbols: count,
    completed: count.describe('Successes.'),
    failed: count,
    processed: count.describe('completed + failed'),
    remaining: count,
    percentage: percent.describe('Cut to two decimals: 100 only at the end.'),
    current_symbol: z.string().describe('The last one worked on; the first one at the start.'),
    estimated_completion: instant,
    avg_processing_time_ms: count.describe('Mean over the symbols ended; 0 before the first.'),
    attempt,
  }),
  symbol_processing_complete: z.object({
    run_id: runId,
    symbol: z.string(),
    success: z.boolean(),
    timeframes_processed: timeframeList.describe('Those that are complete: none of a failed symbol.'),
    records_imported: count.describe('Bars new or changed inside the asked windows, over all attempts.'),
    processing_time_ms: count,
    attempt,
    error_code: z.enum(errorCodes).optional().describe('Of a failed symbol.'),
    error_message: z.string().optional().describe('Of a failed symbol.'),
  }),
  data_import_completed: z.object({
    run_id: runId,
    status: z
      .enum(['completed', 'failed', 'cancelled', 'parked', 'paused'])
      .optional()
      .describe('How it ended; a parked or paused run can go on later.'),
    duration_seconds: count.describe('Of this attempt.'),
    total_symbols: count,
    successful_symbols: count,
    failed_symbols: count,
    total_records_imported: count,
    success_rate: percent.describe('Cut to two decimals.'),
    attempt,
    error_code: z.enum(errorCodes).optional().describe('What stopped it early.'),
    error_message: z.string().optional().describe('What stopped it early, in words.'),
  }),
  critical_error: z.object({
    severity: z.enum(['warning', 'error', 'critical']).describe('critical: it stopped the run.'),
    component: z.enum(['massive_fetcher', 'ohlcv_storage_service', 'daily_import_job']),
    error_code: z.enum(errorCodes),
    message: z.string(),
    context: z.object({
      symbol: z.string().optional(),
      retry_after: count.optional().describe('Seconds, of API_RATE_LIMIT.'),
      run_id: runId.optional(),
    }),
    recovery_action: z.enum(recoveryActions),
  }),
  daily_processing_started: z.object({
    run_id: runId,
    symbols_count: count,
    trigger_type: triggerType,
  }),
  daily_processing_progress: z.object({
    run_id: runId,
    phase: z.literal('data_import'),
    symbols_completed: count.describe('Processed ones, failures included.'),
    symbols_total: count,
    percent_complete: percent,
    current_symbol: z.string(),
    estimated_completion: instant,
  }),
  daily_processing_completed: z.object({
    run_id: runId,
    status: z.enum(['success', 'failed']),
    duration_seconds: count,
    symbols_processed: count,
    symbols_failed: count,
  }),
  schedule_updated: z.object({
    enabled: z.boolean(),
    trigger_time: z
      .string()
      .regex(/^\d{2}:\d{2}$/)
      .describe('New York, of a session with its regular close.'),
    timezone: z.literal('America/New_York'),
    next_run: z.string().nullable().describe('UTC, whole seconds; null while disabled.'),
    universes: names,
  }),
} satisfies Record<EventName, z.ZodObject>;

export type Payload<E extends EventName> = z.infer<(typeof payloads)[E]>;

/** The whole message of an event, as consumers receive it. */
export const messageSchema = (event: EventName) =>
  z.object({
    event: z.literal(event),
    timestamp: instant,
    source: z.literal(eventDescriptions[event].source),
    version: z.literal('1.0'),
    payload: payloads[event],
    number: z
      .int()
      .positive()
      .optional()
      .describe('Position in the order of publication, without holes; a repeated one is the same event.'),
  });
