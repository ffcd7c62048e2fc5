import { z } from 'zod';
import {
  baseTimeframe,
  count,
  cursor,
  instant,
  limitUpTo,
  printable,
  runId,
  symbol,
  timeframe,
} from './contract-fields.ts';

/** What is said of stored symbols; as `contract.ts`. */

const session = z.string().describe('New York date.');
const sessionRange = z.object({ from: session, to: session.describe('Inclusive.') });

export const symbolsQuery = z.strictObject({
  find: printable(100)
    .optional()
    .describe('How the symbol begins, or a part of the company’s name; case does not matter.'),
  limit: limitUpTo(500, 50),
  cursor,
});
export const symbolsAnswer = z.object({
  symbols: z
    .array(
      z.object({
        symbol: z.string(),
        name: z.string().nullable().describe('As a universe has it.'),
        timeframes: z.array(timeframe).describe('Of which something has been asked and answered.'),
        first_session: session,
        last_session: session,
        daily_bars: count,
        hourly_sessions: count.describe('Sessions with hourly bars.'),
      }),
    )
    .describe('By symbol.'),
  next_cursor: z.string().nullable(),
});

export const symbolParams = z.object({ symbol });
const price = z.number().nullable();
export const symbolAnswer = z.object({
  symbol: z.string(),
  name: z.string().nullable(),
  listed_on: session.nullable(),
  delisted_on: session.nullable().describe('The first day it no longer traded.'),
  coverage: z.array(
    z.object({
      timeframe: baseTimeframe,
      ranges: z.array(sessionRange).describe('Asked and answered.'),
      provisional: z.array(sessionRange).describe('Of these, to be asked once more.'),
      sessions: count,
      sessions_with_bars: count,
    }),
  ),
  absences: z
    .array(z.object({ reason: z.string(), why: z.string(), sessions: count, needs_a_look: z.boolean() }))
    .describe('Sessions without a bar by reason, those to look at first.'),
  gaps: z
    .array(
      z.object({
        timeframe: baseTimeframe,
        ...sessionRange.shape,
        reason: z.string(),
        why: z.string(),
        evidence: z.string(),
        sessions: z.array(session),
      }),
    )
    .describe('Sessions without a bar that follow each other, the newest first, at most 500.'),
  splits: z
    .array(
      z.object({
        date: session.describe('The first session in new shares.'),
        from: z.number(),
        to: z.number(),
        verdict: z.enum(['announced', 'pending', 'unverifiable', 'confirmed', 'held', 'withdrawn']),
        is_applied: z.boolean(),
        why: z.string(),
      }),
    )
    .describe('The newest first.'),
  rejects: z
    .array(
      z.object({
        timeframe: baseTimeframe,
        starts_at: instant,
        session,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: price,
        rule: z.string().describe('What the bar broke.'),
        run_id: runId,
      }),
    )
    .describe('Bars in quarantine as the vendor sent them, the newest first, at most 500.'),
  rejects_total: count,
  renames: z
    .array(
      z.object({
        symbol: z.string(),
        after: session.nullable().describe('The last session before it held.'),
        until: session.nullable().describe('The last session it held.'),
      }),
    )
    .describe('Other names of what has traded under the symbol, by time.'),
});
