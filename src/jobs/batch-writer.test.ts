import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { AppError } from '../errors.ts';
import type { Bar } from '../market/bar.ts';
import type { PageToStore } from '../storage/batch.ts';
import type { SymbolOutcome } from '../storage/runs.ts';
import { createBatchWriter } from './batch-writer.ts';

const config = { batchRows: 10, lingerMs: 250 };

function page(symbol: string, rows: number): PageToStore {
  const bar: Bar = {
    symbol,
    session: '2026-01-05',
    startsAt: 0,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 1,
    vwap: null,
    trades: null,
  };
  const nothing = {
    rejects: [],
    finalThrough: '2026-01-02',
    from: '2026-01-05',
    before: '2026-01-05',
    absent: [],
    rejected: [],
    request: null,
  };
  return { symbol, timeframe: 'daily', bars: Array.from({ length: rows }, () => bar), ...nothing };
}

const done = (symbol: string): SymbolOutcome => ({ symbol, processingTimeMs: 1, failure: null });
const lost = (): AppError => new AppError('STORAGE_FAILED', 'the connection was lost', { retryable: true });

interface Written {
  pages: string[];
  outcomes: string[];
}

/** A write that records what it was given, failing first with the failures listed. */
function recorder(failures: AppError[] = []): {
  written: Written[];
  write: Parameters<typeof createBatchWriter>[1];
} {
  const written: Written[] = [];
  return {
    written,
    async write(batch) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      written.push({
        pages: batch.pages.map((one) => one.symbol),
        outcomes: batch.outcomes.map((one) => one.symbol),
      });
    },
  };
}

describe('the batch writer', () => {
  it('gathers pages of several symbols into one write', async () => {
    const { written, write } = recorder();
    const writer = createBatchWriter(config, write, createFakeClock());
    await Promise.all([writer.add(page('A', 3)), writer.add(page('B', 3)), writer.add(page('C', 3))]);
    await writer.drain();
    expect(written).toEqual([{ pages: ['A', 'B', 'C'], outcomes: [] }]);
  });

  it('never writes more pages than fill a batch', async () => {
    const { written, write } = recorder();
    const writer = createBatchWriter(config, write, createFakeClock());
    for (const symbol of ['A', 'B', 'C', 'D', 'E']) void writer.add(page(symbol, 6));
    await writer.drain();
    expect(written.map((batch) => batch.pages)).toEqual([['A', 'B'], ['C', 'D'], ['E']]);
  });

  it('writes the end of a symbol with its last page, never before', async () => {
    const { written, write } = recorder();
    const writer = createBatchWriter(config, write, createFakeClock());
    void writer.add(page('A', 6));
    void writer.add(page('A', 6));
    writer.end(done('A'));
    void writer.add(page('B', 1));
    writer.end(done('B'));
    await writer.drain();
    expect(written).toEqual([
      { pages: ['A', 'A'], outcomes: ['A'] },
      { pages: ['B'], outcomes: ['B'] },
    ]);
  });

  it('writes ends that have no pages', async () => {
    const { written, write } = recorder();
    const writer = createBatchWriter(config, write, createFakeClock());
    writer.end(done('A'));
    await writer.drain();
    expect(written).toEqual([{ pages: [], outcomes: ['A'] }]);
  });

  it('holds back while two batches wait, and lets go when there is room', async () => {
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => (release = resolve));
    const writer = createBatchWriter(config, () => blocked, createFakeClock());
    await writer.add(page('A', 10));
    await writer.add(page('B', 9));
    let held = true;
    const third = writer.add(page('C', 20)).then(() => (held = false));
    await Promise.resolve();
    expect(held).toBe(true);
    release();
    await third;
    await writer.drain();
    expect(held).toBe(false);
  });

  it('ends with the failure of a write, and takes nothing more', async () => {
    const { written, write } = recorder([lost()]);
    const writer = createBatchWriter(config, write, createFakeClock());
    await writer.add(page('A', 10)).catch(() => {});
    await expect(writer.drain()).rejects.toThrow('the connection was lost');
    await expect(writer.add(page('B', 1))).rejects.toThrow('the connection was lost');
    expect(written).toEqual([]);
  });

  it('lets go of those it held back when it fails', async () => {
    let fail: (error: Error) => void = () => {};
    const blocked = new Promise<void>((_, reject) => (fail = reject));
    const writer = createBatchWriter(config, () => blocked, createFakeClock());
    await writer.add(page('A', 10));
    const held = writer.add(page('B', 30));
    fail(new AppError('STORAGE_FAILED', 'gone', { retryable: false }));
    await expect(held).rejects.toThrow('gone');
  });
});
