import { type Answer, json } from './answer.ts';
import type { BarColumns } from './bar-columns.ts';
import { printBars } from './bar-json.ts';
import type { VendorRequest } from './vendor-request.ts';

export interface BarsAnswer {
  /** Left out of grouped answers. */
  readonly ticker?: string;
  readonly adjusted: boolean;
  readonly bars: BarColumns;
  readonly queryCount: number;
  readonly status: 'OK' | 'DELAYED';
  readonly nextUrl: string | null;
  /** The ticker of each row, where rows name them. */
  readonly tickers?: readonly string[];
}

/** Bars in the vendor's envelope, its fields in the order of recorded answers; `results` left out when there are none. */
export function barsBody({ id }: VendorRequest, answer: BarsAnswer): Answer {
  const { ticker, adjusted, bars, queryCount, status, nextUrl } = answer;
  const head = { ...(ticker !== undefined && { ticker }), queryCount, resultsCount: bars.length, adjusted };
  if (bars.length === 0 && nextUrl === null) return json(200, { ...head, status, request_id: id });
  const tail = {
    status,
    request_id: id,
    count: bars.length,
    ...(nextUrl !== null && { next_url: nextUrl }),
  };
  const body = Buffer.concat([
    Buffer.from(`${JSON.stringify(head).slice(0, -1)},"results":[`),
    printBars(bars, answer.tickers),
    Buffer.from(`],${JSON.stringify(tail).slice(1)}`),
  ]);
  return { status: 200, contentType: 'application/json', body, rows: bars.length };
}
