import { z } from 'zod';
import {
  chosenTimeframes,
  timeframe,
  count,
  instant,
  runId,
  runIdInput,
  day,
  symbol,
  symbols,
  expressions,
  days,
  limitUpTo,
} from './contract-fields.ts';

/** What may be sent to the service and what it answers; the OpenAPI document is made from these. */

const isOneOf = (...given: unknown[]): boolean => given.filter((value) => value !== undefined).length <= 1;

export const triggerBody = z
  .strictObject({
    universes: expressions.optional().describe('Default: the settings’.'),
    symbols: symbols.optional().describe('Instead of universes.'),
    timeframes: chosenTimeframes.optional().describe('Default: all four.'),
    lookback_days: z
      .union([days, z.strictObject({ hourly: days, daily: days, weekly: days, monthly: days }).partial()])
      .optional()
      .describe('For all timeframes, or by timeframe. Default: the settings’.'),
    from: day.optional().describe('First date, instead of a lookback.'),
    to: day.optional().describe('Last date; default: the last session.'),
    refresh: z.boolean().optional().describe('Ask for everything again, whatever is known.'),
  })
  .refine((body) => isOneOf(body.universes, body.symbols), {
    path: ['symbols'],
    error: 'give universes or symbols, not both',
  })
  .refine((body) => isOneOf(body.lookback_days, body.from), {
    path: ['from'],
    error: 'give lookback_days or from and to, not both',
  })
  .refine((body) => body.to === undefined || body.from !== undefined, { path: ['to'], error: 'needs from' })
  .refine((body) => body.from === undefined || body.to === undefined || body.from <= body.to, {
    path: ['to'],
    error: 'lies before from',
  });

export const triggerAnswer = z.object({
  success: z.literal(true),
  run_id: runId,
  message: z.string(),
  estimated_duration_minutes: z.int().min(1).describe('Planned work at the pacing, rounded up.'),
  total_symbols: count,
});

export const runStatus = z.enum([
  'pending',
  'in_progress',
  'paused',
  'parked',
  'completed',
  'failed',
  'cancelled',
]);

export const runParams = z.object({ run_id: runIdInput });

export const statusAnswer = z.object({
  run_id: runId,
  status: runStatus,
  phase: z.literal('data_import'),
  progress: z.object({
    percentage: z.number().min(0).max(100).describe('Cut to one decimal.'),
    symbols_completed: count.describe('Processed ones, failures included.'),
    symbols_total: count,
    current_symbol: z.string(),
    estimated_completion: instant,
  }),
  stats: z.object({
    records_imported: count,
    failed_symbols: z.array(z.string()),
    avg_symbol_time_ms: count,
  }),
  attempt: z.int().positive(),
  requests: count.describe('Made so far, over all attempts.'),
  requests_planned: count
    .nullable()
    .describe('What requests comes to when all is done as planned, with the later pages so far.'),
  error_code: z.string().nullable().describe('What stopped it early.'),
  error_message: z.string().nullable(),
});

export const retryBody = z.strictObject({
  run_id: runIdInput,
  symbols: symbols.optional().describe('Default: all that failed or were not got to.'),
});
export const retryAnswer = z.object({
  success: z.literal(true),
  retry_count: count.describe('Symbols that are tried again.'),
  message: z.string(),
  run_id: runId,
  attempt: z.int().positive(),
});

export const runBody = z.strictObject({ run_id: runIdInput });
export const stopAnswer = z.object({ success: z.literal(true), run_id: runId, message: z.string() });
export const resumeAnswer = z.object({
  success: z.literal(true),
  run_id: runId,
  attempt: z.number().int(),
  total_symbols: z.number().int(),
  message: z.string(),
});

export const eventsQuery = z.strictObject({
  run_id: runIdInput.optional().describe('Only events of one run.'),
  last_event_id: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('As the header Last-Event-ID, for clients that cannot send it.'),
});

export const barsParams = z.object({ symbol });
export const barsQuery = z.strictObject({
  timeframe: timeframe.default('daily'),
  from: day.optional(),
  to: day.optional(),
  adjusted: z.enum(['true', 'false']).default('true').describe('false: as traded; hourly and daily only.'),
  as_of: day
    .optional()
    .describe('Bars and splits as they were stored and known on that New York day; default: today.'),
  format: z.enum(['json', 'csv']).default('json'),
  limit: limitUpTo(50_000, 5000),
  after: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/, 'expected next_after of the page before')
    .refine((text) => !Number.isNaN(Date.parse(text)), 'expected next_after of the page before')
    .optional()
    .describe('next_after of the page before.'),
});
export const barsAnswer = z.object({
  symbol: z.string(),
  timeframe,
  adjusted: z.boolean(),
  bars: z.array(
    z.object({
      date: z.string().describe('Hourly: the UTC instant; else the New York date.'),
      open: z.number(),
      high: z.number(),
      low: z.number(),
      close: z.number(),
      volume: z.number(),
      vwap: z.number().nullable(),
      trades: z.number().nullable(),
      final: z.boolean().describe('False while it may still change.'),
    }),
  ),
  next_after: z.string().nullable().describe('Where the next page begins; null when there is none.'),
});

export const healthAnswer = z.object({ status: z.literal('ok') });
const checkResult = z.object({
  name: z.string(),
  ok: z.boolean(),
  required: z.boolean(),
  detail: z.string(),
});
export const readyAnswer = z.object({ ready: z.boolean(), checks: z.array(checkResult) });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable: programs may rely on it.'),
    detail: z.string().describe('What was attempted, what came back, what to do.'),
    errors: z
      .array(z.object({ place: z.string(), message: z.string() }))
      .optional()
      .describe('Every fault of the input, with its place.'),
    run_id: z.string().optional().describe('The run that is in the way.'),
  })
  .describe('problem+json');
