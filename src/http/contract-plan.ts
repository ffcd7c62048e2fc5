import { z } from 'zod';
import { triggerBody } from './contract.ts';
import { count, printable } from './contract-fields.ts';

/** What a plan is asked for: as a trigger is, with lists by comma. */

/** Several values by comma. */
export const listed = printable(100_000)
  .transform((text) => text.split(',').map((part) => part.trim()))
  .optional();

export const planQuery = z
  .strictObject({
    universes: listed.describe('By comma. Default: the settings’.'),
    symbols: listed.describe('By comma, instead of universes.'),
    timeframes: listed.describe('By comma. Default: all four.'),
    lookback_days: z.coerce.number().optional().describe('For all timeframes. Default: the settings’.'),
    from: z.string().optional().describe('First date, instead of a lookback.'),
    to: z.string().optional().describe('Last date; default: the last session.'),
    refresh: z.stringbool().optional().describe('Ask for everything again, whatever is known.'),
  })
  // What is wrong with the values, the trigger’s own rules say.
  .transform((query) => query as z.input<typeof triggerBody>)
  .pipe(triggerBody);

export const planAnswer = z.object({
  requests: count.describe('Before later pages, retries and requests for evidence.'),
  by_route: z.object({
    grouped_daily: count.describe('All stocks of a session.'),
    range_daily: count,
    range_hourly: count,
    splits: count,
  }),
  naive_requests: count.describe('Of a tool that fetches every timeframe of every symbol on its own.'),
  bytes_estimate: count.describe('Before compression.'),
  seconds_estimate: count.describe('At the pacing.'),
  later_pages_at_most: count,
  symbols: count,
  symbols_asked: count.describe('Those of which something is asked.'),
  sessions: count,
  sessions_asked: count,
});
