import { unusable } from './failure.ts';
import type { RequestPage } from './page-request.ts';
import { marketStatusSchema } from './schemas.ts';

export interface MarketStatus {
  /** The vendor's clock, ms since the epoch. */
  readonly serverTime: number;
  /** `open`, `closed` or `extended-hours`. */
  readonly market: string;
}

/** What the vendor says of the market now; the cheapest request that proves the key. */
export async function fetchMarketStatus(
  { requestPage }: { requestPage: RequestPage },
  signal: AbortSignal,
): Promise<MarketStatus> {
  const { value } = await requestPage(
    {
      route: 'market-status',
      attempt: { what: 'the market status' },
      path: '/v1/marketstatus/now',
      query: new URLSearchParams(),
      page: 1,
      evidence: true,
      read: () => ({
        onRows() {},
        finish({ envelope }) {
          const status = marketStatusSchema.safeParse(envelope);
          if (!status.success) throw unusable('a market status of a shape it never had');
          return { serverTime: Date.parse(status.data.serverTime), market: status.data.market };
        },
      }),
    },
    signal,
  );
  return value;
}
