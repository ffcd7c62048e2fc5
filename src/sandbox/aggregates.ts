import { type IsoDate, addDays, isIsoDate } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import { type Answer, badRequest, notYet, timeframeRefused } from './answer.ts';
import { barsBody } from './bars-body.ts';
import { createBars } from './bar-columns.ts';
import { type BarPage, readPage } from './bar-page.ts';
import { entitlementOf } from './plan.ts';
import { sessionDates, sessionUpTo } from './sessions.ts';
import { type Timespan, isTimespan, snapDown, snapUp } from './timespan.ts';
import { type VendorRequest, flag, parseLimit } from './vendor-request.ts';

const defaultLimit = 5000;
const mostLimit = 50_000;

/** GET /v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to} */
export function aggregates(request: VendorRequest, symbol: string, ...path: string[]): Answer {
  const { id, query, now } = request;
  const question = readQuestion(query, path);
  if (typeof question === 'string') return badRequest(id, question);
  const { timespan, from, to, limit, sort } = question;

  const today = newYorkDate(now);
  const plan = entitlementOf(request.plan, now);
  const earliest = newYorkMidnight(plan.earliest);
  if (to.last < earliest) return timeframeRefused(id);
  if (plan.refusesToday && newYorkDate(from.first) === today) return notYet(id);

  const adjusted = flag(query, 'adjusted', true);
  const page = readBars(request, symbol, {
    timespan,
    from: Math.max(earliest, snapDown(timespan, from.first)),
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
    status: plan.delayed && reachesNewestSession(page, question, today) ? 'DELAYED' : 'OK',
    nextUrl: page.next === null ? null : nextUrl(request.origin, symbol, question, page.next),
  });
}

interface Question {
  readonly timespan: Timespan;
  readonly from: TimeParameter;
  readonly to: TimeParameter;
  readonly limit: number;
  readonly sort: 'asc' | 'desc';
}

/** What path and query ask for, or what is wrong with them. */
function readQuestion(
  query: URLSearchParams,
  [multiplier = '', timespan = '', fromText = '', toText = '']: readonly string[],
): Question | string {
  if (multiplier !== '1') return "The sandbox serves the parameter 'multiplier' 1 only";
  if (!isTimespan(timespan)) return `Could not parse the parameter 'timespan': ${timespan}`;
  const from = parseTime(fromText);
  const to = parseTime(toText);
  if (from === undefined || to === undefined) {
    const name = from === undefined ? 'from' : 'to';
    return `Could not parse the time parameter: '${name}'. Use YYYY-MM-DD or Unix MS Timestamps`;
  }
  if (from.first > to.last) return "The parameter 'to' cannot be a time that occurs before 'from'";
  // The position is in the path; the cursor only remembers these two, and without it they fall back.
  const cursor = new URLSearchParams(Buffer.from(query.get('cursor') ?? '', 'base64url').toString());
  const limit = parseLimit(cursor.get('limit') ?? query.get('limit'), defaultLimit, mostLimit);
  if (limit === undefined) return `The parameter 'limit' must be a whole number from 1 to ${mostLimit}`;
  const sort = cursor.get('sort') ?? (query.get('sort') || 'asc');
  if (sort !== 'asc' && sort !== 'desc') return "The parameter 'sort' must be asc or desc";
  return { timespan, from, to, limit, sort };
}

/** Where the rest is: the place is the `from` of the path, or its `to` when descending; `adjusted` is not remembered. */
function nextUrl(
  origin: string,
  symbol: string,
  { timespan, from, to, limit, sort }: Question,
  next: number,
): string {
  const place = sort === 'asc' ? `${next}/${to.text}` : `${from.text}/${next}`;
  const cursor = Buffer.from(`limit=${limit}&sort=${sort}`).toString('base64url');
  return `${origin}/v2/aggs/ticker/${encodeURIComponent(symbol)}/range/1/${timespan}/${place}?cursor=${cursor}`;
}

function readBars({ market }: VendorRequest, symbol: string, query: Parameters<typeof readPage>[1]): BarPage {
  const series = market.findSeries(symbol);
  return series === null ? { bars: createBars(1), queryCount: 0, next: null } : readPage(series, query);
}

/** True when the latest bar holds the newest session, alone or with others. */
function reachesNewestSession({ bars }: BarPage, { timespan, sort }: Question, today: IsoDate): boolean {
  if (bars.length === 0) return false;
  const latest = bars.startsAt[sort === 'asc' ? bars.length - 1 : 0]!;
  return snapUp(timespan, latest) > newYorkMidnight(sessionDates[sessionUpTo(today)] ?? today);
}

/** Beyond any date a calendar of ours knows, and still a date. */
const latestTime = Date.UTC(2100, 0, 1);

/** A date, or ms since the epoch. */
interface TimeParameter {
  readonly text: string;
  /** Its first and last millisecond. */
  readonly first: number;
  readonly last: number;
}

function parseTime(text: string): TimeParameter | undefined {
  if (isIsoDate(text)) {
    return { text, first: newYorkMidnight(text), last: newYorkMidnight(addDays(text, 1)) - 1 };
  }
  const instant = /^\d{1,14}$/.test(text) ? Number(text) : Number.NaN;
  return instant <= latestTime ? { text, first: instant, last: instant } : undefined;
}
