import { join } from 'node:path';
import { isIsoDate } from '../../market/date.ts';
import { newYorkMidnight } from '../../market/new-york.ts';
import type { BarColumns } from '../bar-columns.ts';
import { closeMinuteOf, midnightOf, sessionDates, sessionFrom } from '../sessions.ts';
import { badLine, readTable } from './reference-files.ts';

/** Open, high, low, close, volume. */
type Values = readonly number[];

/** One bar that the vendor corrected. */
export interface Revision {
  readonly first: Values;
  readonly last: Values;
  /** From this instant on it is served as corrected, ms since the epoch. */
  readonly revisedAt: number;
}

/** The corrected bars of one symbol by session. */
export type RevisionsBySession = ReadonlyMap<number, Revision>;

/**
 * `bars/revisions.csv.gz`, by symbol; none when the folder has no such file. The source was collected after the
 * close, so a correction of a date is seen from that session's close on, and not by whoever asks in its morning.
 */
export function readRevisions(folder: string): ReadonlyMap<string, RevisionsBySession> {
  const path = join(folder, 'bars', 'revisions.csv.gz');
  const bySymbol = new Map<string, Map<number, Revision>>();
  for (const [at, row] of readTable(path).entries()) {
    const { symbol = '', date = '', last_published: published = '' } = row;
    const valuesOf = (which: 1 | 2): Values =>
      ['open', 'high', 'low', 'close', 'volume'].map((name) => Number(row[`${name}_${which}`] || Number.NaN));
    const first = valuesOf(1);
    const last = valuesOf(2);
    const isUsable = isIsoDate(date) && isIsoDate(published) && [...first, ...last].every(Number.isFinite);
    if (symbol === '' || !isUsable) throw badLine(path, at);
    const own = bySymbol.get(symbol) ?? new Map<number, Revision>();
    bySymbol.set(symbol, own);
    const session = sessionFrom(date);
    if (sessionDates[session] === date) own.set(session, { first, last, revisedAt: seenFrom(published) });
  }
  return bySymbol;
}

/** A day without a session has no close: from its first moment. */
function seenFrom(date: string): number {
  const session = sessionFrom(date);
  if (sessionDates[session] !== date) return newYorkMidnight(date);
  return midnightOf(session) + closeMinuteOf(session) * 60_000;
}

/**
 * Puts back the values first published into the bar at `at`, the last one, when it was not yet corrected at `now`;
 * takes it away when it was filler of no volume then. A bar that is not the one the correction is about is left alone.
 */
export function unrevise(revision: Revision, now: number, bars: BarColumns, at: number): void {
  if (now >= revision.revisedAt) return;
  const columns = [bars.open, bars.high, bars.low, bars.close, bars.volume];
  if (!columns.every((column, field) => column[at] === revision.last[field])) return;
  if (revision.first[4]! <= 0) bars.length = at;
  else for (const [field, column] of columns.entries()) column[at] = revision.first[field]!;
}
