import { closest } from 'fastest-levenshtein';
import { usageError } from '../errors.ts';
import { calendarYears } from '../market/calendar.ts';
import { type IsoDate, isIsoDate } from '../market/date.ts';
import { type Timeframe, timeframes } from '../market/timeframe.ts';

/** A `YYYY-MM-DD` of a flag, within the years the trading calendar knows. */
export function parseDate(text: string, flag: string): IsoDate {
  const year = Number(text.slice(0, 4));
  if (!isIsoDate(text))
    throw usageError(`Cannot use ${JSON.stringify(text)} for ${flag}: expected a date such as 2026-11-20.`);
  if (year < calendarYears.from || year > calendarYears.to) {
    throw usageError(
      `Cannot use ${text} for ${flag}: the trading calendar covers ${calendarYears.from} to ${calendarYears.to}.`,
    );
  }
  return text;
}

/** Timeframes by comma, each once, in their own order. */
export function parseTimeframes(text: string): Timeframe[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(timeframes as readonly string[]).includes(name)) {
      const near = name === '' ? '' : ` Did you mean ${closest(name, timeframes)}?`;
      throw usageError(
        `Unknown timeframe ${JSON.stringify(name)}; there are ${timeframes.join(', ')}.${near}`,
      );
    }
  }
  return timeframes.filter((name) => names.includes(name));
}

export function parseDays(text: string, flag: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 15_000) {
    throw usageError(
      `Cannot use ${JSON.stringify(text)} for ${flag}: expected a whole number of days from 1 to 15000.`,
    );
  }
  return days;
}
