import { AppError } from '../errors.ts';
import type { Bar } from '../market/bar.ts';
import { addDays, type IsoDate } from '../market/date.ts';
import type { Database } from '../storage/database.ts';
import { NOTICEABLE_STOCKS } from '../storage/absence-reasons.ts';
import { writeMarketDay } from '../storage/market-days.ts';
import type { ClippedHistoryWatch } from './clipped-history.ts';
import type { Failure } from './judge-series.ts';
import { symbolFailure } from './symbol-import.ts';
import type { Vendor } from './vendor.ts';

/** What the vendor said of all stocks on a session. */
export type MarketDay =
  | {
      readonly kind: 'served';
      readonly session: IsoDate;
      readonly bars: ReadonlyMap<string, Bar>;
      /** The `n` of its request. */
      readonly request: number;
      readonly malformed: number;
    }
  /** Nobody has a bar. */
  | { readonly kind: 'empty'; readonly session: IsoDate; readonly request: number }
  /** Older than the plan's history. */
  | { readonly kind: 'refused'; readonly session: IsoDate }
  | { readonly kind: 'failed'; readonly session: IsoDate; readonly failure: Failure };

export interface MarketDays {
  /** Asks for all stocks' bars of a session; an empty answer for one that has settled is doubted once. Throws what stops the run. */
  ask(session: IsoDate, purpose: { readonly evidence: boolean }, signal: AbortSignal): Promise<MarketDay>;
  /** Takes what another process was told of a session. */
  learn(session: IsoDate, stocks: number): void;
  /** How whole a day that was asked is: its stocks as a share of its neighbours'; 1 when there is nothing to compare. */
  wholeness(session: IsoDate): number;
  /** The sessions that were asked. */
  asked(): readonly IsoDate[];
  /** How many stocks a day had that was asked; 0 for others. */
  stocks(session: IsoDate): number;
  /** True when some day near a session is known to compare it with. */
  hasNeighbour(session: IsoDate): boolean;
}

/** `known`: how many stocks the sessions had that were asked in earlier runs. */
export function createMarketDays(deps: {
  vendor: Vendor;
  database: Database;
  clipped: ClippedHistoryWatch;
  settledThrough: IsoDate;
  known: ReadonlyMap<IsoDate, number>;
}): MarketDays {
  const { vendor, database, clipped, settledThrough } = deps;
  const stocks = new Map(deps.known);
  const askedDays = new Set<IsoDate>();

  const read = async (session: IsoDate, evidence: boolean, signal: AbortSignal): Promise<MarketDay> => {
    const { bars, malformed, request } = await vendor.groupedDay({ session, evidence }, signal);
    if (bars.length === 0) return { kind: 'empty', session, request };
    const bySymbol = new Map<string, Bar>();
    for (const bar of bars) bySymbol.set(bar.symbol, bar);
    return { kind: 'served', session, bars: bySymbol, request, malformed };
  };

  const neighbours = (session: IsoDate): number[] =>
    [...near(session)].flatMap((day) => {
      const count = day === session ? 0 : (stocks.get(day) ?? 0);
      return count > 0 ? [count] : [];
    });

  const learn = (session: IsoDate, count: number): void => {
    stocks.set(session, count);
    askedDays.add(session);
  };

  return {
    async ask(session, { evidence }, signal) {
      try {
        let day = await read(session, evidence, signal);
        const isDue = session <= settledThrough;
        if (day.kind === 'empty' && isDue) day = await read(session, true, signal);
        if (isDue) {
          const count = day.kind === 'served' ? day.bars.size : 0;
          learn(session, count);
          await database.transaction('remember a market day', (client) =>
            writeMarketDay(client, session, count),
          );
        }
        return day;
      } catch (error) {
        if (error instanceof AppError && error.code === 'VENDOR_NOT_ENTITLED') {
          clipped.refused('daily', session);
          return { kind: 'refused', session };
        }
        return { kind: 'failed', session, failure: symbolFailure(error) };
      }
    },
    learn,
    wholeness(session) {
      const own = stocks.get(session);
      if (own === undefined) return 1;
      const usual = median(neighbours(session).toSorted((a, b) => a - b));
      if (own === 0) return 0;
      return usual - own < NOTICEABLE_STOCKS ? 1 : own / usual;
    },
    asked: () => [...askedDays],
    stocks: (session) => stocks.get(session) ?? 0,
    hasNeighbour: (session) => neighbours(session).length > 0,
  };
}

/** Days on either side that a session is compared with. */
const NEAR_DAYS = 8;

function* near(session: IsoDate): Generator<IsoDate> {
  for (let offset = -NEAR_DAYS; offset <= NEAR_DAYS; offset++) yield addDays(session, offset);
}

/** Of ascending numbers; 0 of none. */
function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? 0 : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
