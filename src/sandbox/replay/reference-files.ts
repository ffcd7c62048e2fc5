import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { usageError } from '../../errors.ts';
import { type IsoDate, addDays, isIsoDate } from '../../market/date.ts';
import { hashText, toHex } from '../hash.ts';
import type { Dividend, MarketSplit } from '../market.ts';

const announcedAhead = 30;

/** `splits.csv`, by date, announced a month ahead; none when the folder has no such file. */
export function readSplits(folder: string): MarketSplit[] {
  const path = join(folder, 'splits.csv');
  const splits = readTable(path).map((row, at) => {
    const { symbol = '', ex_date: executionDate = '' } = row;
    const from = Number(row['split_from']);
    const to = Number(row['split_to']);
    if (symbol === '' || !isIsoDate(executionDate) || !(from > 0 && to > 0)) throw badLine(path, at);
    return {
      id: toHex(hashText(`${symbol} ${executionDate}`, 0), 32),
      symbol,
      executionDate,
      from,
      to,
      announcedOn: addDays(executionDate, -announcedAhead),
      cancelledOn: null,
    };
  });
  return splits.toSorted((a, b) => (a.executionDate < b.executionDate ? -1 : 1));
}

/** `dividends.csv`; none when the folder has no such file. */
export function readDividends(folder: string): Dividend[] {
  const path = join(folder, 'dividends.csv');
  return readTable(path).map((row, at) => {
    const { symbol = '', ex_date: exDate = '' } = row;
    const cash = Number(row['cash_amount']);
    if (symbol === '' || !isIsoDate(exDate) || !(cash > 0)) throw badLine(path, at);
    return { symbol, exDate, cash };
  });
}

/** `symbol_changes.csv`: the last date of each symbol that was given up, the latest where it was so twice. */
export function readSymbolEnds(folder: string): Map<string, IsoDate> {
  const path = join(folder, 'symbol_changes.csv');
  const ends = new Map<string, IsoDate>();
  for (const [at, row] of readTable(path).entries()) {
    const { old_symbol: symbol = '', last_date_old: date = '' } = row;
    if (symbol === '' || !isIsoDate(date)) throw badLine(path, at);
    if (date > (ends.get(symbol) ?? '')) ends.set(symbol, date);
  }
  return ends;
}

export interface CompanyName {
  readonly name: string;
  readonly exchange: string | undefined;
  readonly etf: boolean;
}

/** Names by symbol, from the lists in `tickers`; those of today's list win. */
export function readNames(folder: string): Map<string, CompanyName> {
  const names = new Map<string, CompanyName>();
  for (const file of ['us_listed_2015-2017.csv.gz', 'us_listed_2026-08.csv.gz']) {
    for (const row of readTable(join(folder, 'tickers', file))) {
      const name = (row['security_name'] ?? row['name'] ?? '').trim();
      if (row['symbol'] === undefined || name === '') continue;
      names.set(row['symbol'], {
        name,
        exchange: row['primary_exchange_mic'] || undefined,
        etf: row['etf'] === 'ETF',
      });
    }
  }
  return names;
}

/** The rows of a `.csv` or `.csv.gz` by column name; none when there is no such file. */
export function readTable(path: string): Partial<Record<string, string>>[] {
  if (!existsSync(path)) return [];
  try {
    const bytes = readFileSync(path);
    return parse(path.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true, bom: true });
  } catch (error) {
    throw usageError(`Cannot replay ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

export const badLine = (path: string, row: number): Error =>
  usageError(`Cannot replay ${path}: line ${row + 2} has no symbol, date or amount that can be used.`);
