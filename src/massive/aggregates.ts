import type { Bar, BaseTimeframe } from '../market/bar.ts';
import { type IsoDate, addDays, isIsoDate, toDayNumber } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import { sortedOnce, toBar } from './bar-rows.ts';
import { checkBarsEnvelope } from './bars-envelope.ts';
import { unusable } from './failure.ts';
import { parseNextUrl, withLostSettings } from './next-url.ts';
import type { PageRequest, RequestPage } from './page-request.ts';
import type { PageReader } from './read-answer.ts';
import type { FetchStats } from './request-log.ts';
import { scanBarRows } from './scan-bar-rows.ts';
import type { TimeBudget } from '../time-budget.ts';

/** Raw bars of one symbol; dates are New York's, both inclusive. */
export interface BarRequest {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** Asked to settle a doubt about an earlier answer; counted apart. */
  readonly evidence?: boolean | undefined;
  /** Shared by the requests of one symbol. */
  readonly budget?: TimeBudget | undefined;
}

export interface BarPage {
  /** Sorted by start, one for each start; prices or volume that were no numbers are NaN. */
  readonly bars: readonly Bar[];
  /** Rows left out: without a usable time, or outside of the request. */
  readonly malformed: number;
  /** The newest date up to which, from the request's first, this and earlier pages are the whole answer; null when there is none. The request's `to` on the last page. */
  readonly coveredThrough: IsoDate | null;
  readonly delayed: boolean;
  /** The number of its request in the log. */
  readonly request: number;
  readonly requestId: string | undefined;
}

/** Explicit on every page: the vendor's defaults are adjusted prices and a tenth of the limit. */
const settings = { adjusted: 'false', sort: 'asc', limit: '50000' };
const timespans = { hourly: 'hour', daily: 'day' } as const;

interface Position {
  /** Where the next page begins, ms since the epoch. */
  readonly from: number;
  readonly query: URLSearchParams;
}

/**
 * The bars of a request page by page, oldest first; one page is held at a time.
 * No bars is an answer too: the vendor says the same for symbols it does not know.
 * @throws AppError as `RequestPage`, after the pages that came.
 */
export async function* fetchBars(
  ask: { requestPage: RequestPage; baseUrl: URL; stats: FetchStats },
  request: BarRequest,
  signal: AbortSignal,
): AsyncGenerator<BarPage, void, undefined> {
  const { symbol, timeframe, from, to } = request;
  const route = `/v2/aggs/ticker/${encodeURIComponent(symbol)}/range/1/${timespans[timeframe]}/`;
  const first: Position = { from: newYorkMidnight(from), query: new URLSearchParams(settings) };
  const attempt = { what: `${timeframe} bars of ${symbol}, ${from} to ${to}`, symbol };
  const lastPage = mostPages(request);

  let position = first;
  for (let page = 1; ; page++) {
    const pageRequest: PageRequest<ReadPage> = {
      route: `aggregates/${timeframe}`,
      attempt,
      path: `${route}${page === 1 ? from : position.from}/${to}`,
      query: position.query,
      sessions: { from: page === 1 ? from : newYorkDate(position.from), to },
      page,
      evidence: request.evidence ?? false,
      budget: request.budget,
      emptyMeans: 'failure',
      read: () =>
        createReader(request, (nextUrl) =>
          nextPosition(nextUrl, ask.baseUrl, route, position, page < lastPage),
        ),
    };
    let answer = await ask.requestPage(pageRequest, signal);
    // The last page may be empty, but an overloaded vendor sends the same, and hours of a session cut through would be lost.
    if (page > 1 && answer.rowCount === 0)
      answer = await ask.requestPage({ ...pageRequest, evidence: true }, signal);
    const { value, delayed, requestId, n } = answer;
    ask.stats.malformed += value.malformed;
    // A position within a session leaves that session open; one after the request's end leaves nothing to ask.
    const answered = value.next === null ? to : addDays(newYorkDate(value.next.from), -1);
    const coveredThrough = answered < from ? null : answered < to ? answered : to;
    yield { bars: value.bars, malformed: value.malformed, coveredThrough, delayed, requestId, request: n };
    if (value.next === null || coveredThrough === to) return;
    position = value.next;
  }
}

interface ReadPage {
  readonly bars: readonly Bar[];
  readonly malformed: number;
  readonly next: Position | null;
}

function createReader(
  { symbol, timeframe, from, to }: BarRequest,
  toNext: (nextUrl: string) => Position,
): PageReader<ReadPage> {
  const bars: Bar[] = [];
  let malformed = 0;
  return {
    mostRows: mostRowsOf(timeframe, from, to),
    scan: scanBarRows,
    onRows(rows) {
      for (const row of rows) {
        const bar = toBar(row, symbol, timeframe);
        if (bar === null || bar.session < from || bar.session > to) malformed++;
        else bars.push(bar);
      }
    },
    finish(answer) {
      checkBarsEnvelope(answer, symbol);
      // A page that leads on has read its limit of base bars, so it has bars; else a part of a session would be lost.
      if (answer.nextUrl !== null && answer.rowCount === 0) throw unusable('a next_url but no bars');
      return {
        bars: sortedOnce(bars),
        malformed,
        next: answer.nextUrl === null ? null : toNext(answer.nextUrl),
      };
    },
  };
}

/** The position a `next_url` names: the `from` in its path. The rest of the path stays our own. */
function nextPosition(
  nextUrl: string,
  baseUrl: URL,
  route: string,
  current: Position,
  mayFollow: boolean,
): Position {
  const { path, query } = parseNextUrl(nextUrl, baseUrl);
  const start = path.startsWith(route) ? path.slice(route.length).split('/', 1)[0]! : '';
  const from = /^\d{9,14}$/.test(start)
    ? Number(start)
    : isIsoDate(start)
      ? newYorkMidnight(start)
      : Number.NaN;
  if (Number.isNaN(from)) throw unusable('a next_url to something else than was asked for');
  if (from <= current.from) throw unusable('a next_url that does not advance');
  if (!mayFollow) throw unusable('more pages than the request can have', true);
  return { from, query: withLostSettings(query, settings) };
}

/** Twice the bars there can be, and what has been seen of one bar repeated many times. */
function mostRowsOf(timeframe: BaseTimeframe, from: IsoDate, to: IsoDate): number {
  const days = toDayNumber(to) - toDayNumber(from) + 1;
  return 2 * days * (timeframe === 'hourly' ? 24 : 1) + 1000;
}

/** More pages than a request can have even if the vendor forgets our limit and falls back to its default of 5000. */
function mostPages({ timeframe, from, to }: BarRequest): number {
  const days = toDayNumber(to) - toDayNumber(from) + 1;
  const baseBarsPerDay = timeframe === 'hourly' ? 960 : 1;
  return 20 + Math.ceil((days * baseBarsPerDay) / 5000);
}
