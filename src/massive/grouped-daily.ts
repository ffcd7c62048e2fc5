import type { Bar } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import { fuller, toBar, toTicker } from './bar-rows.ts';
import { checkBarsEnvelope } from './bars-envelope.ts';
import type { RequestPage } from './page-request.ts';
import type { PageReader } from './read-answer.ts';
import type { FetchStats } from './request-log.ts';
import { scanBarRows } from './scan-bar-rows.ts';

/** Every stock's raw bar of one session, in no order. */
export interface GroupedDay {
  /** One for each ticker; of repeated ones the one with the larger volume. */
  readonly bars: readonly Bar[];
  /** Rows left out: without ticker, time or a price, or of another session. */
  readonly malformed: number;
  readonly delayed: boolean;
  /** The number of its request in the log. */
  readonly request: number;
  readonly requestId: string | undefined;
}

/**
 * All stocks' bars of a session in one request. A day without trading and an outage look alike: no bars.
 * @throws AppError as `RequestPage`; VENDOR_NOT_READY for a day the plan does not serve yet.
 */
export async function fetchGroupedDay(
  ask: { requestPage: RequestPage; stats: FetchStats },
  { session, evidence = false }: { readonly session: IsoDate; readonly evidence?: boolean },
  signal: AbortSignal,
): Promise<GroupedDay> {
  const { value, delayed, requestId, n } = await ask.requestPage(
    {
      route: 'grouped-daily',
      attempt: { what: `the daily bars of all stocks of ${session}` },
      path: `/v2/aggs/grouped/locale/us/market/stocks/${session}`,
      query: new URLSearchParams({ adjusted: 'false', include_otc: 'false' }),
      sessions: { from: session, to: session },
      page: 1,
      evidence,
      emptyMeans: 'failure',
      read: () => createReader(session),
    },
    signal,
  );
  ask.stats.malformed += value.malformed;
  return { ...value, delayed, requestId, request: n };
}

function createReader(session: IsoDate): PageReader<{ bars: readonly Bar[]; malformed: number }> {
  const byTicker = new Map<string, Bar>();
  let malformed = 0;
  return {
    scan: scanBarRows,
    onRows(rows) {
      for (const row of rows) {
        const ticker = toTicker(row);
        const bar = ticker === null ? null : toBar(row, ticker, 'daily');
        if (bar === null || bar.session !== session || !isPriced(bar)) {
          malformed++;
          continue;
        }
        const same = byTicker.get(bar.symbol);
        byTicker.set(bar.symbol, same === undefined ? bar : fuller(same, bar));
      }
    },
    finish(answer) {
      checkBarsEnvelope(answer);
      return { bars: [...byTicker.values()], malformed };
    },
  };
}

const isPriced = ({ open, high, low, close }: Bar): boolean => !Number.isNaN(open + high + low + close);
