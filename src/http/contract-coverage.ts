import { z } from 'zod';
import { cellStates } from '../storage/coverage-wall.ts';
import { baseTimeframe, count, day, universeExpression } from './contract-fields.ts';

/** What is said of which sessions are there; as `contract.ts`. */

export const MOST_YEARS = 20;

export const coverageQuery = z
  .strictObject({
    timeframe: baseTimeframe.default('daily'),
    universe: universeExpression
      .optional()
      .describe('A universe or an expression. Default: every symbol of which anything was answered.'),
    from: day
      .optional()
      .describe(
        `First date; default: the first session answered, at most ${MOST_YEARS} years before the last.`,
      ),
    to: day.optional().describe('Last date; default: the last session that has closed.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: 'lies before from',
  });

export const coverageAnswer = z.object({
  timeframe: baseTimeframe,
  states: z
    .array(z.enum(cellStates))
    .describe(
      'How a session can stand, in the order of how much it needs a person: complete, provisional (to be asked once more), ' +
        'owed (left out after earlier ones were answered), not asked for yet, not due yet, under another name, or absent by its reason.',
    ),
  sessions: z.array(z.string()).describe('New York dates, in order.'),
  symbols: z.array(
    z.object({
      symbol: z.string(),
      runs: z
        .array(count)
        .describe(
          'Runs of sessions from the first to the last: place of their state in states, how many, and so on.',
        ),
    }),
  ),
});
