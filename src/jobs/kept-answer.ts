import { z } from 'zod';
import { sessionsBetween } from '../market/calendar.ts';
import { dateField, failureField, timeframeField } from './json-fields.ts';
import type { SymbolAnswer } from './symbol-import.ts';

const keptSchema = z.object({
  failure: failureField.nullable(),
  /** Null for a symbol the vendor does not know; absent when it was not asked about. */
  ticker: z.object({ listedOn: dateField.nullable(), delistedOn: dateField.nullable() }).nullish(),
  doubts: z.array(
    z.object({
      timeframe: timeframeField,
      session: dateField,
      isRejected: z.boolean().optional(),
      silence: z.array(dateField).optional(),
    }),
  ),
  results: z.array(
    z.object({
      timeframe: timeframeField,
      from: dateField,
      to: dateField,
      /** Sessions that brought nothing, and those that brought nothing to store. */
      unseen: z.array(dateField),
      unstored: z.array(dateField),
      newestDue: dateField.optional(),
      isKnown: z.boolean(),
      isFirst: z.boolean(),
    }),
  ),
});

/** A symbol's answer as JSON can hold it, until its doubts are settled. */
export type KeptSymbolAnswer = z.infer<typeof keptSchema>;

export function packAnswer({ failure, ticker, doubts, results }: SymbolAnswer): KeptSymbolAnswer {
  return {
    failure,
    ticker,
    doubts: doubts.map(({ timeframe: name, session, isRejected, silence }) => ({
      timeframe: name,
      session,
      isRejected,
      silence: silence && [...silence],
    })),
    results: results.map(({ series, seen, stored, newestDue, isKnown, isFirst }) => ({
      timeframe: series.timeframe,
      ...series.range,
      unseen: series.sessions.filter((session) => !seen.has(session)),
      unstored: series.sessions.filter((session) => seen.has(session) && !stored.has(session)),
      newestDue,
      isKnown,
      isFirst,
    })),
  };
}

/** The answer that was kept; null for one that another version kept in a way unknown here. */
export function unpackAnswer(symbol: string, kept: unknown): SymbolAnswer | null {
  const parsed = keptSchema.safeParse(kept);
  if (!parsed.success) return null;
  const { failure, ticker, doubts, results } = parsed.data;
  return {
    symbol,
    failure,
    ticker,
    doubts: doubts.map(({ isRejected, silence, ...doubt }) => ({
      symbol,
      ...doubt,
      ...(isRejected !== undefined && { isRejected }),
      ...(silence !== undefined && { silence }),
    })),
    results: results.map(({ timeframe: name, from, to, unseen, unstored, ...rest }) => {
      // A series has every session of its range.
      const sessions = sessionsBetween(from, to);
      const seen = sessions.filter((session) => !unseen.includes(session));
      return {
        series: { timeframe: name, range: { from, to }, sessions },
        seen: new Set(seen),
        stored: new Set(seen.filter((session) => !unstored.includes(session))),
        newestDue: rest.newestDue,
        isKnown: rest.isKnown,
        isFirst: rest.isFirst,
      };
    }),
  };
}
