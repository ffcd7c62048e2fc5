import { unusable } from './failure.ts';
import type { Envelope } from './results-stream.ts';
import { barsSchema } from './schemas.ts';

/**
 * Checks what surrounds bars: raw prices, the ticker asked for, and as many rows as it says.
 * @throws VendorFailure unusable. `results` null or absent is empty only when the count says 0 too.
 */
export function checkBarsEnvelope({ envelope, rowCount }: Envelope, symbol?: string): void {
  const parsed = barsSchema.safeParse(envelope);
  if (!parsed.success) throw unusable('bars without a status, a count or whether they are adjusted');
  const { adjusted, ticker, resultsCount } = parsed.data;
  // Adjusted bars among raw ones would be wrong for good, and nobody could tell.
  if (adjusted) throw unusable('split-adjusted bars although raw ones were asked for');
  if (symbol !== undefined && ticker !== undefined && ticker !== symbol) {
    throw unusable(`bars of ${ticker} instead of ${symbol}`);
  }
  if (resultsCount !== rowCount) throw unusable(`${rowCount} bars where it counts ${resultsCount}`);
}
