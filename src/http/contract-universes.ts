import { z } from 'zod';
import {
  MOST_SYMBOLS,
  count,
  cursor,
  day,
  limitUpTo,
  printable,
  symbol,
  universeExpression,
  universeName,
} from './contract-fields.ts';

/** What is said of universes; as `contract.ts`. */

const MOST_CSV_CHARACTERS = 1_500_000;

export const universeParams = z.object({ name: universeName });
const universeFacts = z.object({
  name: z.string(),
  kind: z.enum(['predefined', 'database']),
  members: count,
  as_of: z.string(),
  source: z.string(),
});
export const universesAnswer = z.object({ universes: z.array(universeFacts) });
export const universeQuery = z.strictObject({ date: day.optional().describe('Members of that day.') });
const member = z.object({
  symbol: z.string(),
  name: z.string().nullable(),
  sector: z.string().nullable(),
});
export const universeAnswer = z.object({ name: z.string(), total_symbols: count, members: z.array(member) });

const knownDate = z.string().nullable();
export const universeHistoryAnswer = z.object({
  name: z.string(),
  known: z
    .object({ from: knownDate, through: knownDate })
    .nullable()
    .describe('The dates for which the members are known, null being open; null when only today’s are.'),
  stays: z
    .array(
      member.extend({
        since: knownDate.describe('First day as a member; null: as long as is known.'),
        until: knownDate.describe('Last day as a member; null: still one.'),
      }),
    )
    .describe('By symbol, then by date.'),
});

const sentMember = z.union(
  [
    symbol,
    z.strictObject({
      symbol,
      name: printable(200).nullable().default(null),
      sector: printable(100).nullable().default(null),
    }),
  ],
  {
    error:
      'expected a symbol (letters and digits, with a class after a dot such as BRK.B), or one with its name and sector',
  },
);
const sentMembers = z.array(sentMember).min(1).max(MOST_SYMBOLS);
const csv = z
  .string()
  .min(1)
  .max(MOST_CSV_CHARACTERS)
  .describe('The text of a CSV file, as tickstock universe import reads it.');

const given = {
  members: sentMembers.optional(),
  csv: csv.optional(),
  expression: universeExpression.optional().describe('Whose members of now it gets.'),
};
const isOne = ({ members, csv: text, expression }: Partial<Record<keyof typeof given, unknown>>): boolean =>
  [members, text, expression].filter((one) => one !== undefined).length === 1;
const oneOnly = { path: ['members'], error: 'give one of members, csv and expression' };
export const universeCreateBody = z.strictObject({ name: universeName, ...given }).refine(isOne, oneOnly);
export const universeReplaceBody = z.strictObject(given).refine(isOne, oneOnly);
export const universePatchBody = z
  .strictObject({
    add: sentMembers.default([]),
    remove: z.array(symbol).min(1).max(MOST_SYMBOLS).default([]),
  })
  .refine(({ add, remove }) => add.length + remove.length > 0, 'name at least one member to add or remove');
export const universeChangeAnswer = z.object({
  name: z.string(),
  total_symbols: count,
  added: z.array(z.string()),
  removed: z.array(z.string()),
});

export const csvCheckBody = z.strictObject({ csv });
export const csvCheckAnswer = z.object({
  total_symbols: count,
  is_dated: z.boolean().describe('Lines have first or last days: together they are the whole history.'),
  bad_lines: count,
  faults: z
    .array(
      z.object({
        line: z.int().positive(),
        column: z.int().positive(),
        text: z.string().describe('The line, or its beginning.'),
        message: z.string(),
      }),
    )
    .describe('Of the first bad lines.'),
  duplicates: z
    .array(z.object({ symbol: z.string(), line: z.int(), first_line: z.int() }))
    .describe('Of the first symbols that are there again and left out.'),
});

export const expressionQuery = z.strictObject({
  expression: universeExpression,
  limit: limitUpTo(5000, 200),
  cursor,
});
export const expressionAnswer = z.object({
  names: z.array(z.string()).describe('The universes as written, each once.'),
  total_symbols: count,
  members: z.array(member),
  next_cursor: z.string().nullable(),
});

export const comparisonQuery = z.strictObject({ a: universeExpression, b: universeExpression });
const symbolList = z.object({ total_symbols: count, symbols: z.array(z.string()) });
export const comparisonAnswer = z.object({
  only_in_a: symbolList,
  in_both: symbolList,
  only_in_b: symbolList,
});
