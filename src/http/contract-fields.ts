import { z } from 'zod';
import { calendarYears } from '../market/calendar.ts';
import { parseSymbol } from '../market/symbol.ts';
import { timeframes } from '../market/timeframe.ts';

/** The fields that requests and answers are made of. */

const MOST_NAMES = 100;
export const MOST_SYMBOLS = 20_000;

/** Text a database can keep and a log can show. */
export const printable = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'has control characters');

export const timeframe = z.enum(timeframes, `expected ${timeframes.join(', ')}`);
export const baseTimeframe = z
  .enum(['hourly', 'daily'])
  .describe('Weeks and months are rolled up from days.');
export const chosenTimeframes = z.array(timeframe).min(1, 'expected at least one timeframe').max(4);
export const count = z.int().nonnegative();
export const instant = z.string().describe('UTC, such as 2026-11-20T21:00:00Z.');
export const runId = z.string().describe('Id of a run.');
export const runIdInput = printable(100).min(1).describe('Id of a run.');

export const day = z.iso
  .date('expected a date such as 2026-11-20')
  .refine(
    (text) => Number(text.slice(0, 4)) >= calendarYears.from && Number(text.slice(0, 4)) <= calendarYears.to,
    `expected a date from ${calendarYears.from} to ${calendarYears.to}, the years of the trading calendar`,
  )
  .describe('New York date.');

/** As the vendor spells it; `BRK-B` becomes `BRK.B`. */
export const symbol = z
  .string()
  .min(1)
  .max(20)
  .regex(
    /^\s*[A-Za-z0-9]+(?:[./-][A-Za-z0-9]+)*\s*$/,
    'expected letters and digits, with a class after a dot such as BRK.B',
  )
  .transform(parseSymbol)
  .describe('A symbol as the vendor spells it.');

export const symbols = z.array(symbol).min(1).max(MOST_SYMBOLS);
export const universeName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,62}$/,
    'expected a lower-case letter, then at most 62 lower-case letters, digits, "-" or "_"',
  )
  .describe('Name of a universe.');
export const universeExpression = printable(500)
  .min(1, 'expected the name of a universe')
  .refine(
    (text) => !/(^|[\s,])csv:/.test(text),
    'csv: reads files of the server and is refused over HTTP; create a universe instead',
  )
  .describe('A universe or an expression such as "sp500 - dow30" or "sp500@2015-03-20".');
export const expressions = z
  .array(universeExpression)
  .min(1, 'expected at least one universe')
  .max(MOST_NAMES);
const DAYS = 'expected a whole number of days from 1 to 15000';
export const days = z.int(DAYS).min(1, DAYS).max(15_000, DAYS);

export const limitUpTo = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual).describe(`At most so many (default ${usual}).`);
export const cursor = printable(200).min(1).optional().describe('next_cursor of the page before.');
