import type { StoredBar } from './storage/read-bars.ts';

export const barColumns = [
  'date',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trades',
  'final',
] as const;

/** Bars as CSV with a header; what a bar lacks is empty. */
export function barsToCsv(bars: readonly StoredBar[]): string {
  const columns = ['symbol', ...barColumns] as const;
  const lines = bars.map((bar) => columns.map((column) => bar[column] ?? '').join(','));
  return [columns.join(','), ...lines].map((line) => `${line}\n`).join('');
}
