import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { addToRun } from '../../src/storage/run-counts.ts';
import { finishRun, finishSymbols, reopenRun, startSymbols } from '../../src/storage/runs.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { failedWith, recordedRun, succeeded } from '../support/recorded-run.ts';
import { describeWithSharedData } from '../support/shared-data.ts';
import { guideQueries } from './guide-queries.ts';

const ETA = new Date('2026-01-05T12:30:00Z');

describe("Progress tracking: the guide's queries", () => {
  const opened = openedDatabase();

  /** A query of the guide, about a run. */
  async function ask(query: string, runId: string): Promise<object[]> {
    const result = query.includes('%s')
      ? await opened().pool.query<object>(query.replace('%s', '$1'), [runId])
      : await opened().pool.query<object>(query.replaceAll('current-run-id', runId));
    return result.rows;
  }

  /** 505 symbols, of which 250 are stored, five have failed and ten are in work. */
  async function halfway(): Promise<{ runId: string; symbols: string[] }> {
    const symbols = Array.from({ length: 505 }, (_, index) => `S${String(index).padStart(3, '0')}`);
    const runId = await recordedRun(opened(), symbols, { started: symbols.slice(0, 265) });
    const ended = [
      ...symbols.slice(0, 250).map((symbol) => ({ ...succeeded(symbol), processingTimeMs: 100 })),
      ...symbols.slice(250, 255).map((symbol) => ({
        ...failedWith(symbol, `Massive does not know ${symbol}.`),
        processingTimeMs: 355,
      })),
    ];
    await opened().transaction('end symbols', async (client) => {
      const raw = { new: 250, changed: 0, unchanged: 0, rejected: 0 };
      const imported = symbols
        .slice(0, 250)
        .map((symbol) => ({ symbol, imported: { bars: 1, weeks: [], months: [] } }));
      await addToRun(client, runId, 1, { raw, imported, requests: [] });
      await finishSymbols(client, runId, 1, ended, ETA);
    });
    return { runId, symbols };
  }

  it('tell how far an import is while it runs', async () => {
    const { runId } = await halfway();
    expect(await ask(guideQueries.importStatus, runId)).toEqual([
      {
        phase: 'data_import',
        total_items: 505,
        completed_items: 250,
        failed_items: 5,
        percent_complete: 50.49,
        current_item: 'S254',
        estimated_completion: ETA,
      },
    ]);
  });

  it('tell which symbols have failed so far and why', async () => {
    const { runId } = await halfway();
    const failed = [250, 251, 252, 253, 254].map((index) => ({
      symbol: `S${index}`,
      error_message: `Massive does not know S${index}.`,
    }));
    const bySymbol = (a: object, b: object): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
    expect((await ask(guideQueries.failedSymbols, runId)).toSorted(bySymbol)).toEqual(failed);
    expect((await ask(guideQueries.failedForRetry, runId)).toSorted(bySymbol)).toEqual(
      failed.map((row) => ({ ...row, retry_count: 0 })),
    );
  });

  it('put the symbols retried least first', async () => {
    const { runId } = await halfway();
    for (const [before, retried] of [['S251'], ['S250', 'S251']].entries()) {
      await opened().transaction('retry', async (client) => {
        await finishRun(client, runId, before + 1, { status: 'completed', at: ETA });
        const attempt = await reopenRun(client, runId, retried, ETA);
        await startSymbols(client, runId, attempt, retried);
        await finishSymbols(
          client,
          runId,
          attempt,
          retried.map((symbol) => failedWith(symbol, 'Still unknown.')),
          ETA,
        );
      });
    }
    const rows = await ask(guideQueries.failedForRetry, runId);
    expect(rows).toHaveLength(5);
    expect(rows.slice(3)).toEqual([
      { symbol: 'S250', error_message: 'Still unknown.', retry_count: 1 },
      { symbol: 'S251', error_message: 'Still unknown.', retry_count: 2 },
    ]);
  });

  it('tell what a symbol took, of those that have ended', async () => {
    const { runId } = await halfway();
    const [row] = await ask(guideQueries.performance, runId);
    expect(row).toMatchObject({ phase: 'data_import', symbols_processed: '505', max_time_ms: 355 });
    expect(Number((row as { avg_time_ms: string }).avg_time_ms)).toBeCloseTo((250 * 100 + 5 * 355) / 255, 9);
  });

  it('of one run know nothing of another', async () => {
    await halfway();
    const other = await recordedRun(opened(), ['AAPL']);
    expect(await ask(guideQueries.importStatus, other)).toMatchObject([
      { total_items: 1, completed_items: 0, percent_complete: 0 },
    ]);
    expect(await ask(guideQueries.failedForRetry, other)).toEqual([]);
  });
});

describeWithSharedData("Progress tracking: the queries' text", (folder) => {
  it.each(Object.entries(guideQueries))("of %s is the guide's, word for word", (_, query) => {
    const guide = readFileSync(path.join(folder, '..', 'contract', 'integration-guide.md'), 'utf8');
    expect(guide).toContain(query);
  });
});
