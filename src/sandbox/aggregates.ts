import { type IsoDate, addDays, isIsoDate } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import { type Answer, badRequest, notYet, timeframeRefused } from './answer.ts';
import { barsBody } from './bars-body.ts';
import { createBars } from './bar-columns.ts';
import { type BarPage, readPage } from './bar-page.ts';
import { entitlementOf } from './plan.ts';
import { sessionDates, sessionUpTo } from './sessions.ts';
import { isTimespan, snapDown, snapUp } from './timespan.ts';
import { type VendorRequest, flag, parseLimit } from './vendor-request.ts';

const defaultLimit = 5000;
const mostLimit = 50_000;

/** GET /v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to} */
export function aggregates(
  request: VendorRequest,
  symbol: string,
  multiplier: string,
  timespan: string,
  fromText: string,
  toText: string,
): Answer {
  const { id, query } = request;
  if (multiplier !== '1') return badRequest(id, "The sandbox serves the parameter 'multiplier' 1 only");
  if (!isTimespan(timespan)) return badRequest(id, `Could not parse the parameter 'timespan': ${timespan}`);
  const asked = { from: parseTime(fromText), to: parseTime(toText) };
  for (const [name, time] of Object.entries(asked)) {
    if (time === undefined) {
      return badRequest(
        id,
        `Could not parse the time parameter: '${name}'. Use YYYY-MM-DD or Unix MS Timestamps`,
      );
    }
  }
  const from = asked.from!;
  const to = asked.to!;
  if (from.at > to.last) {
    return badRequest(id, "The parameter 'to' cannot be a time that occurs before 'from'");
  }
  // The position is in the path; the cursor only remembers these two, and without it they fall back.
  const cursor = new URLSearchParams(Buffer.from(query.get('cursor') ?? '', 'base64url').toString());
  const limit = parseLimit(cursor.get('limit') ?? query.get('limit'), defaultLimit, mostLimit);
  if (limit === undefined) {
    return badRequest(id, `The parameter 'limit' must be a whole number from 1 to ${mostLimit}`);
  }
  const sort = cursor.get('sort') ?? (query.get('sort') || 'asc');
  if (sort !== 'asc' && sort !== 'desc') return badRequest(id, "The parameter 'sort' must be asc or desc");

  const today = newYorkDate(request.now);
  const plan = entitlementOf(request.plan, request.now);
  const earliest = newYorkMidnight(plan.earliest);
  if (to.last < earliest) return timeframeRefused(id);
  if (
    plan.refusesToday &&
    from.at >= newYorkMidnight(today) &&
    from.at < newYorkMidnight(addDays(today, 1))
  ) {
    return notYet(id);
  }

  const adjusted = flag(query, 'adjusted', true);
  const page = readBars(request, symbol, {
    timespan,
    from: Math.max(earliest, snapDown(timespan, from.at)),
    to: snapUp(timespan, to.last),
    limit,
    descending: sort === 'desc',
    adjustedAsOf: adjusted ? today : null,
    now: plan.until,
  });
  return barsBody(request, {
    ticker: symbol,
    adjusted,
    bars: page.bars,
    queryCount: page.queryCount,
    status: plan.delayed && reachesNewestSession(page, sort, today) ? 'DELAYED' : 'OK',
    nextUrl: nextUrl(),
  });

  function nextUrl(): string | null {
    if (page.next === null) return null;
    const range = sort === 'asc' ? `${page.next}/${toText}` : `${fromText}/${page.next}`;
    const position = Buffer.from(`limit=${limit}&sort=${sort}`).toString('base64url');
    return `${request.origin}/v2/aggs/ticker/${encodeURIComponent(symbol)}/range/1/${timespan}/${range}?cursor=${position}`;
  }
}

function readBars({ market }: VendorRequest, symbol: string, query: Parameters<typeof readPage>[1]): BarPage {
  const series = market.findSeries(symbol);
  return series === null ? { bars: createBars(1), queryCount: 0, next: null } : readPage(series, query);
}

function reachesNewestSession({ bars }: BarPage, sort: 'asc' | 'desc', today: IsoDate): boolean {
  if (bars.length === 0) return false;
  const newest = newYorkMidnight(sessionDates[sessionUpTo(today)] ?? today);
  return bars.startsAt[sort === 'asc' ? bars.length - 1 : 0]! >= newest;
}

/** Beyond any date a calendar of ours knows, and still a date. */
const latestTime = Date.UTC(2100, 0, 1);

/** A date, or ms since the epoch, as its first and last millisecond. */
function parseTime(text: string): { at: number; last: number } | undefined {
  if (isIsoDate(text)) {
    return { at: newYorkMidnight(text), last: newYorkMidnight(addDays(text, 1)) - 1 };
  }
  const at = /^\d{1,14}$/.test(text) ? Number(text) : Number.NaN;
  return at <= latestTime ? { at, last: at } : undefined;
}
