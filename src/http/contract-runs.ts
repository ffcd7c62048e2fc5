import { z } from 'zod';
import { runStatus } from './contract.ts';
import {
  baseTimeframe,
  count,
  cursor,
  instant,
  limitUpTo,
  printable,
  runId,
  timeframe,
} from './contract-fields.ts';

/** What is said of recorded runs, their symbols and requests; as `contract.ts`. */

export const runsQuery = z.strictObject({
  status: runStatus.optional(),
  trigger: z.enum(['manual', 'automatic']).optional(),
  universe: printable(500).min(1).optional().describe('As it was asked for.'),
  find: printable(100)
    .min(1)
    .optional()
    .describe('In its id, universes, timeframes, session or error; or one of its symbols.'),
  limit: limitUpTo(200, 50),
  cursor,
});

export const runSummary = z.object({
  run_id: runId,
  status: runStatus,
  trigger_type: z.enum(['manual', 'automatic']),
  session: z.string().nullable().describe('Of a daily run: the session it was for.'),
  attempt: z.int().positive(),
  universes: z.array(z.string()),
  timeframes: z.array(timeframe),
  total_symbols: count,
  completed: count,
  failed: count,
  percentage: z.number(),
  records_imported: count,
  requests: count,
  requests_planned: count.nullable().describe('As in its status.'),
  bytes: count,
  created_at: instant,
  completed_at: instant.nullable(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
});
export const runsAnswer = z.object({
  runs: z.array(runSummary).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});

const symbolStatus = z.enum(['pending', 'in_progress', 'completed', 'failed']);
export const runSymbolsQuery = z.strictObject({
  status: symbolStatus.optional(),
  find: printable(20).min(1).optional().describe('A part of the symbol.'),
  order: z
    .enum(['symbol', 'trouble'])
    .default('symbol')
    .describe('trouble: failed ones first, then those retried most, then those that took longest.'),
  limit: limitUpTo(2000, 500),
  cursor,
});
export const runSymbolsAnswer = z.object({
  symbols: z.array(
    z.object({
      symbol: z.string(),
      status: symbolStatus,
      attempt: z.int().positive(),
      retry_count: count,
      records_imported: count,
      processing_time_ms: count.nullable(),
      error_code: z.string().nullable(),
      error_words: z.string().nullable().describe('The code in a few words.'),
      error_message: z.string().nullable(),
      recovery_action: z.string().nullable(),
      started_at: instant.nullable(),
      completed_at: instant.nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

export const requestsQuery = z.strictObject({
  outcome: z
    .enum(['all', 'failed', 'retried'])
    .default('all')
    .describe('retried: it took more than one try.'),
  find: printable(20).min(1).optional().describe('A part of the symbol.'),
  order: z.enum(['newest', 'oldest']).default('newest'),
  limit: limitUpTo(500, 100),
  cursor: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional()
    .describe('next_cursor of the page before.'),
});
export const requestsAnswer = z.object({
  requests: z.array(
    z.object({
      n: z.int().positive().describe('Counts the requests of the run, in the order they were kept.'),
      attempt: z.int().positive(),
      purpose: z
        .enum(['planned', 'page', 'evidence'])
        .describe('As planned, a later page of that, or asked to settle a doubt.'),
      route: z.string(),
      symbol: z.string().nullable().describe('null: all stocks.'),
      timeframe: baseTimeframe.nullable(),
      from: z.string().nullable().describe('First New York date asked for.'),
      to: z.string().nullable(),
      started_at: instant.describe('When it began to wait; UTC with milliseconds.'),
      wait_ms: count.describe('For its slots and between tries.'),
      network_ms: count.describe('From sending to the end of the body, but for parse_ms.'),
      parse_ms: count.nullable().describe('Spent on reading rows; null where it was not measured.'),
      store_ms: count
        .nullable()
        .describe('Until its rows were written; null when there was nothing to store.'),
      status: z.int().nullable().describe('HTTP status of the last try; null when none came.'),
      tries: count,
      bytes: count,
      rows: count,
      request_id: z.string().nullable().describe('The vendor’s.'),
      error_code: z.string().nullable().describe('Why it brought nothing.'),
      error_words: z.string().nullable(),
    }),
  ),
  next_cursor: z.int().nullable(),
});
