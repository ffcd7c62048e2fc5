import { type IsoDate, addDays, isIsoDate } from '../market/date.ts';
import { newYorkDate, newYorkInstant } from '../market/new-york.ts';
import { type Answer, badRequest, notYet, timeframeRefused } from './answer.ts';
import { type BarColumns, appendBar, createBars } from './bar-columns.ts';
import { barsBody } from './bars-body.ts';
import { hashText, mix } from './hash.ts';
import type { Market } from './market.ts';
import { entitlementOf } from './plan.ts';
import { sessionDates, sessionDays, sessionUpTo } from './sessions.ts';
import { adjustSince, splitFactors } from './split-factors.ts';
import { type VendorRequest, flag } from './vendor-request.ts';

/** GET /v2/aggs/grouped/locale/us/market/stocks/{date} */
export function groupedDaily(request: VendorRequest, date: string): Answer {
  const { id, market, now } = request;
  if (!isIsoDate(date)) {
    return badRequest(id, "Could not parse the time parameter: 'date'. Use YYYY-MM-DD or Unix MS Timestamps");
  }
  const today = newYorkDate(now);
  const plan = entitlementOf(request.plan, now);
  if (date < plan.earliest) return timeframeRefused(id);
  if (plan.refusesToday && date === today) return notYet(id);

  const session = sessionUpTo(date);
  const rows = emptyRows();
  if (sessionDates[session] === date && date <= today) {
    const day = dayOf(request, session, plan.until);
    for (const symbol of market.daySymbols()) appendRow(day, rows, symbol, true);
    shuffle(rows, mix(request.seed, sessionDays[session]!));
  }
  return barsBody(request, {
    adjusted: isAdjusted(request),
    bars: rows.bars,
    queryCount: rows.bars.length,
    status: plan.delayed && session === sessionUpTo(today) ? 'DELAYED' : 'OK',
    nextUrl: null,
    tickers: rows.tickers,
  });
}

/** GET /v2/aggs/ticker/{ticker}/prev: the bar of the last session before today. */
export function previousDay(request: VendorRequest, symbol: string): Answer {
  const plan = entitlementOf(request.plan, request.now);
  const session = sessionUpTo(addDays(newYorkDate(request.now), -1));
  const rows = emptyRows();
  appendRow(dayOf(request, session, plan.until), rows, symbol, false);
  return barsBody(request, {
    ticker: symbol,
    adjusted: isAdjusted(request),
    bars: rows.bars,
    queryCount: rows.bars.length,
    status: plan.delayed ? 'DELAYED' : 'OK',
    nextUrl: null,
    tickers: rows.tickers,
  });
}

interface Rows {
  readonly bars: BarColumns;
  readonly tickers: string[];
}

// Half a megabyte for a whole market, printed before the next answer begins.
const scratch: Rows = { bars: createBars(), tickers: [] };

function emptyRows(): Rows {
  scratch.bars.length = 0;
  scratch.tickers.length = 0;
  return scratch;
}

const isAdjusted = ({ query }: VendorRequest): boolean => flag(query, 'adjusted', true);

/** What the rows of one answer share: looked up once, not for each of thousands. */
interface Day {
  readonly market: Market;
  readonly seed: number;
  readonly session: number;
  /** Bars that begin later are not known yet. */
  readonly until: number;
  /** 16:00 New York, also on early closes, as far as anybody has seen. */
  readonly startsAt: number;
  /** Null for raw bars. */
  readonly adjustedAsOf: IsoDate | null;
}

const dayOf = (request: VendorRequest, session: number, until: number): Day => ({
  market: request.market,
  seed: request.seed,
  session,
  until,
  startsAt: newYorkInstant(sessionDates[session]!, 16),
  adjustedAsOf: isAdjusted(request) ? newYorkDate(request.now) : null,
});

/** One row in this many is sent twice, the copy with less volume. */
const repeatedOneIn = 500;

function appendRow(day: Day, { bars, tickers }: Rows, symbol: string, mayRepeat: boolean): void {
  const { session, adjustedAsOf } = day;
  const series = day.market.findSeries(symbol);
  if (series === null) return;
  const at = bars.length;
  series.append('day', session, day.until, bars);
  if (bars.length === at) return;
  if (adjustedAsOf !== null && series.splits.length > 0) {
    adjustSince(bars, at, session, splitFactors(series.splits, adjustedAsOf));
  }
  bars.startsAt[at] = day.startsAt;
  tickers.push(symbol);
  const hash = mix(hashText(symbol, day.seed), sessionDays[session]!);
  if (!mayRepeat || (hash >>> 0) % repeatedOneIn !== 0) return;
  const { startsAt, open, high, low, close, volume } = bars;
  const smaller = Math.floor(volume[at]! / 3);
  appendBar(bars, startsAt[at]!, open[at]!, high[at]!, low[at]!, close[at]!, smaller, 1);
  tickers.push(symbol);
}

/** The same disorder for the same seed and session. */
function shuffle({ bars, tickers }: Rows, seed: number): void {
  const { open, high, low, close, volume, vwap, trades } = bars;
  const columns = [open, high, low, close, volume, vwap, trades];
  for (let last = bars.length - 1; last > 0; last--) {
    const other = (mix(seed, last) >>> 0) % (last + 1);
    for (const column of columns) {
      const moved = column[last]!;
      column[last] = column[other]!;
      column[other] = moved;
    }
    const ticker = tickers[last]!;
    tickers[last] = tickers[other]!;
    tickers[other] = ticker;
  }
}
