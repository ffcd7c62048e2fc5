import { z } from 'zod';
import {
  chosenTimeframes,
  timeframe,
  count,
  instant,
  printable,
  runId,
  expressions,
  limitUpTo,
} from './contract-fields.ts';
import { listed } from './contract-plan.ts';

/** What is said of the nightly import, its schedule and the market; as `contract.ts`. */

const MINUTES = 'expected a whole number of minutes from 0 to 1440';

export const scheduleBody = z
  .strictObject({
    enabled: z.boolean(),
    delay_minutes: z.int(MINUTES).min(0, MINUTES).max(1440, MINUTES).describe('After each close.'),
    universes: expressions,
    timeframes: chosenTimeframes,
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'name at least one thing to change');
export const scheduleAnswer = z.object({
  enabled: z.boolean(),
  delay_minutes: count,
  trigger_time: z.string().describe('New York, of a session with its regular close.'),
  timezone: z.literal('America/New_York'),
  universes: z.array(z.string()),
  timeframes: z.array(timeframe),
  next_run: instant.nullable(),
  next_runs: z.array(z.object({ session: z.string(), at: instant, early_close: z.boolean() })),
});

export const schedulePreviewQuery = z
  .strictObject({
    enabled: z.stringbool().optional(),
    delay_minutes: printable(20)
      .transform((text) => (text.trim() === '' ? Number.NaN : Number(text)))
      .optional()
      .describe('After each close.'),
    universes: listed.describe('By comma.'),
    timeframes: listed.describe('By comma.'),
  })
  // What is wrong with the values, the change’s own rules say.
  .transform((query) => query as z.input<typeof scheduleBody>)
  .pipe(scheduleBody);
export const schedulePreviewAnswer = scheduleAnswer.extend({
  total_symbols: count.describe('Members of the universes today.'),
});

const sessionFacts = z.object({
  date: z.string(),
  opens_at: instant,
  closes_at: instant,
  early_close: z.boolean(),
});
export const marketAnswer = z.object({
  now: instant,
  date: z.string().describe('New York.'),
  phase: z.enum(['pre-market', 'open', 'after-hours', 'closed']),
  closed_because: z.string().nullable().describe('weekend or the holiday; null on a session.'),
  session: sessionFacts.nullable().describe('Today’s.'),
  next_session: sessionFacts,
  last_session: z.string().describe('The newest one that has closed.'),
});

export const dailyStatusAnswer = z.object({
  status: z.enum(['processing', 'idle', 'disabled']),
  is_processing: z.boolean(),
  next_run: instant.nullable(),
  run_id: runId.nullable(),
});
export const dailyHistoryQuery = z.strictObject({ limit: limitUpTo(365, 30) });
export const dailyHistoryAnswer = z.object({
  history: z.array(
    z.object({
      run_date: z.string().describe('The session.'),
      status: z.enum(['success', 'failed', 'processing', 'skipped']),
      processing_time_seconds: count,
      symbols_processed: count,
      symbols_failed: count,
      trigger_type: z.string(),
      run_id: runId.nullable(),
      message: z.string().nullable(),
    }),
  ),
});
export const dailyTriggerBody = z.strictObject({ universes: expressions.optional() });
export const dailyTriggerAnswer = z.object({ status: z.literal('triggered'), run_id: runId });
