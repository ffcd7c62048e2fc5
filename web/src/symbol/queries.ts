import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { ask, askForFile } from '../api/client.ts';
import { useKept } from '../api/use-kept.ts';
import type { Bars, StoredSymbols, SymbolFacts, Timeframe } from '../api/types.ts';

/** Which bars of a symbol are looked at; all of it is in the address. */
export interface Wanted {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly isAdjusted: boolean;
  /** Inclusive New York dates. */
  readonly from: string | null;
  readonly to: string | null;
}

/** As many as the service gives at once. */
const MOST_OF_RANGE = '50000';

const barsAddress = ({ symbol, timeframe, isAdjusted, from, to }: Wanted, format: 'json' | 'csv'): string =>
  `/api/bars/${encodeURIComponent(symbol)}?${new URLSearchParams({
    timeframe,
    adjusted: String(isAdjusted),
    format,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...((from ?? to) !== null && { limit: MOST_OF_RANGE }),
  })}`;

/** Of a symbol, the bars before stay on the screen while others are read. */
export const useBars = (wanted: Wanted): UseQueryResult<Bars> =>
  useKept(
    useQuery({
      queryKey: ['bars', wanted],
      queryFn: ({ signal }) => ask<Bars>(barsAddress(wanted, 'json'), { signal }),
    }),
    wanted.symbol,
  );

export const useSymbolFacts = (symbol: string): UseQueryResult<SymbolFacts> =>
  useQuery({
    queryKey: ['symbol-facts', symbol],
    queryFn: () => ask<SymbolFacts>(`/api/symbols/${encodeURIComponent(symbol)}`),
  });

export const useStoredSymbols = (filter: Readonly<Record<string, string>>): UseQueryResult<StoredSymbols> =>
  useKept(
    useQuery({
      queryKey: ['stored-symbols', filter],
      queryFn: ({ signal }) => ask<StoredSymbols>(`/api/symbols?${new URLSearchParams(filter)}`, { signal }),
    }),
  );

/** Long enough for any browser to have taken the file. */
const TAKEN_AFTER_MS = 60_000;

/** Has the browser keep the bars as a file of CSV. @throws Refused, Unreachable */
export async function downloadCsv(wanted: Wanted): Promise<void> {
  const response = await askForFile(barsAddress(wanted, 'csv'));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${wanted.symbol}-${wanted.timeframe}-${wanted.isAdjusted ? 'adjusted' : 'raw'}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_AFTER_MS);
}
