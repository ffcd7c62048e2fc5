import { unusable } from './failure.ts';
import { fetchObject } from './object-answer.ts';
import type { RequestPage } from './page-request.ts';
import { marketStatusSchema } from './schemas.ts';

export interface MarketStatus {
  /** The vendor's clock, ms since the epoch. */
  readonly serverTime: number;
  /** `open`, `closed` or `extended-hours`. */
  readonly market: string;
}

/** What the vendor says of the market now; the cheapest request that proves the key. */
export const fetchMarketStatus = (
  ask: { requestPage: RequestPage },
  signal: AbortSignal,
): Promise<MarketStatus> =>
  fetchObject(
    ask,
    {
      route: 'market-status',
      attempt: { what: 'the market status' },
      path: '/v1/marketstatus/now',
      parse(envelope) {
        const status = marketStatusSchema.safeParse(envelope);
        if (!status.success) throw unusable('a market status of a shape it never had');
        return { serverTime: Date.parse(status.data.serverTime), market: status.data.market };
      },
    },
    signal,
  );
