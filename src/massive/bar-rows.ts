import type { Bar, BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import type { BarRow } from './scan-bar-rows.ts';

const earliest = Date.UTC(1970, 0, 2);
const latest = Date.UTC(2100, 0, 1);

interface Session {
  readonly date: IsoDate;
  readonly startsAt: number;
}

const HOUR_MS = 3_600_000;
// New York's days begin on the hour, so one answer serves the whole hour; it is asked for once a bar.
const sessionByHour = new Map<number, Session>();

function sessionOf(instant: number): Session {
  const hour = Math.floor(instant / HOUR_MS);
  let session = sessionByHour.get(hour);
  if (session === undefined) {
    const date = newYorkDate(instant);
    session = { date, startsAt: newYorkMidnight(date) };
    sessionByHour.set(hour, session);
  }
  return session;
}

const toNumber = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
const toNumberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/**
 * A row as a bar, or null when it has no usable time. Prices or volume that are no numbers become NaN, for the
 * row rules to reject visibly. A day's bar starts at its New York midnight wherever the vendor stamped it.
 */
export function toBar(row: unknown, symbol: string, timeframe: BaseTimeframe): Bar | null {
  if (typeof row !== 'object' || row === null) return null;
  const { o, h, l, c, v, vw, n, t } = row as BarRow;
  if (typeof t !== 'number' || !Number.isInteger(t) || t < earliest || t > latest) return null;
  const session = sessionOf(t);
  return {
    symbol,
    session: session.date,
    startsAt: timeframe === 'daily' ? session.startsAt : t,
    open: toNumber(o),
    high: toNumber(h),
    low: toNumber(l),
    close: toNumber(c),
    volume: toNumber(v),
    vwap: toNumberOrNull(vw),
    trades: toNumberOrNull(n),
  };
}

/** The ticker of a grouped row; null when it has none. */
export function toTicker(row: unknown): string | null {
  const ticker = typeof row === 'object' && row !== null ? (row as BarRow).T : null;
  return typeof ticker === 'string' && ticker !== '' ? ticker : null;
}

/** Of two bars of one key the one with the larger volume: the vendor repeats bars before they are complete. */
export const fuller = (a: Bar, b: Bar): Bar => (b.volume > a.volume || Number.isNaN(a.volume) ? b : a);

/** The bars of one symbol by start, one for each start. */
export function sortedOnce(bars: Bar[]): Bar[] {
  if (bars.every((bar, i) => i === 0 || bar.startsAt > bars[i - 1]!.startsAt)) return bars;
  const byStart = new Map<number, Bar>();
  for (const bar of bars) {
    const same = byStart.get(bar.startsAt);
    byStart.set(bar.startsAt, same === undefined ? bar : fuller(same, bar));
  }
  return [...byStart.values()].toSorted((a, b) => a.startsAt - b.startsAt);
}
