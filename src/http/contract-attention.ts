import { z } from 'zod';
import { count, instant, runId, timeframe } from './contract-fields.ts';

/** What is said of that which needs a person; as `contract.ts`. */

const label = z.string().describe('For a button.');

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('retry'), label, run_id: runId }).describe('POST /api/processing/import/retry'),
  z
    .object({ kind: z.literal('resume'), label, run_id: runId })
    .describe('POST /api/processing/import/resume'),
  z
    .object({
      kind: z.literal('import'),
      label,
      trigger: z.object({
        symbols: z.array(z.string()),
        timeframes: z.array(timeframe),
        from: z.string(),
        to: z.string(),
        refresh: z.literal(true),
      }),
    })
    .describe('POST /api/processing/import/trigger with the trigger.'),
]);

export const attentionItem = z.object({
  kind: z.enum([
    'database',
    'disk',
    'redis',
    'key',
    'run_waits',
    'run_stopped',
    'symbols_failed',
    'gaps',
    'split_held',
  ]),
  id: z.string().describe('Of the kind: the run, the reason of gaps, or symbol and date of a split.'),
  title: z.string().describe('What happened.'),
  detail: z.string().describe('Of what, and why.'),
  advice: z.string().describe('What to do.'),
  at: instant.nullable().describe('When the run was started.'),
  run_id: runId.nullable(),
  symbols: count.describe('How many are concerned.'),
  action: action.nullable().describe('What does it; null when only a person can.'),
});

export const attentionAnswer = z.object({
  items: z.array(attentionItem).describe('The most urgent first.'),
  more: count.describe('Items that are left out.'),
});
