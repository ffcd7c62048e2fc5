import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { failedWith, recordedRun, succeeded } from '../../test/support/recorded-run.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { addToRun } from './run-counts.ts';
import { countGaps, findRun, getRun, listFailedSymbols } from './read-runs.ts';
import {
  type SymbolOutcome,
  finishRun,
  finishSymbols,
  planRequests,
  reopenRun,
  startSymbols,
} from './runs.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE processing_runs, absences CASCADE'));

const ETA = new Date('2026-01-05T13:00:00Z');

const end = (
  runId: string,
  outcomes: SymbolOutcome[],
  attempt = 1,
  eta = ETA,
): ReturnType<typeof finishSymbols> =>
  opened().transaction('end symbols', (client) => finishSymbols(client, runId, attempt, outcomes, eta));
const reopen = (runId: string, symbols: string[]): Promise<number> =>
  opened().transaction('reopen the run', (client) => reopenRun(client, runId, symbols, ETA));
const finish = (runId: string, status: 'completed' | 'failed' | 'cancelled', attempt = 1): Promise<boolean> =>
  opened().transaction('end the run', (client) => finishRun(client, runId, attempt, { status, at: ETA }));

async function symbolRows(columns: string): Promise<unknown[]> {
  const { rows } = await opened().pool.query<object>(
    `SELECT ${columns} FROM symbol_processing_status ORDER BY symbol`,
  );
  return rows;
}

describe('a run', () => {
  it('starts with every symbol pending, nothing done and the first symbol as the current one', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT'], { started: [] });
    expect(await getRun(opened().pool, runId)).toMatchObject({
      runId,
      status: 'in_progress',
      attempt: 1,
      totalSymbols: 2,
      completed: 0,
      failed: 0,
      percentage: 0,
      currentSymbol: 'AAPL',
      requests: 0,
      bytes: 0,
      errorCode: null,
      errorMessage: null,
      completedAt: null,
      estimatedCompletion: new Date('2026-01-05T12:00:00Z'),
      records: {
        imported: 0,
        new: 0,
        changed: 0,
        unchanged: 0,
        rejected: 0,
      },
      request: {
        universes: [],
        timeframes: ['daily', 'hourly'],
      },
    });
    expect(await symbolRows('symbol, status, retry_count, timeframes')).toEqual([
      { symbol: 'AAPL', status: 'pending', retry_count: 0, timeframes: ['daily', 'hourly'] },
      { symbol: 'MSFT', status: 'pending', retry_count: 0, timeframes: ['daily', 'hourly'] },
    ]);
  });

  it('is 50.49 percent done after 255 of 505 symbols, and 100 only at the end', async () => {
    const symbols = Array.from({ length: 505 }, (_, index) => `S${index}`);
    const runId = await recordedRun(opened(), symbols);
    const percentage = async (): Promise<number> => (await getRun(opened().pool, runId)).percentage;
    await end(runId, [
      ...symbols.slice(0, 250).map(succeeded),
      ...symbols.slice(250, 255).map((s) => failedWith(s, 'No.')),
    ]);
    expect(await getRun(opened().pool, runId)).toMatchObject({
      completed: 250,
      failed: 5,
      percentage: 50.49,
    });
    await end(runId, symbols.slice(255, 504).map(succeeded));
    expect(await percentage()).toBe(99.8);
    await end(runId, symbols.slice(504).map(succeeded));
    expect(await percentage()).toBe(100);
  });

  it('counts a symbol that ends twice once, and moves nothing for the second time', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    await end(runId, [succeeded('AAPL')]);
    const before = await getRun(opened().pool, runId);
    await end(runId, [failedWith('AAPL', 'No.')], 1, new Date('2027-01-01'));
    expect(await getRun(opened().pool, runId)).toEqual(before);
    expect(await symbolRows('symbol, status')).toMatchObject([
      { status: 'completed' },
      { status: 'in_progress' },
    ]);
  });

  it('does not take the end of a symbol that was never started', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT'], { started: ['MSFT'] });
    await end(runId, [succeeded('AAPL'), succeeded('MSFT')]);
    expect(await getRun(opened().pool, runId)).toMatchObject({ completed: 1, percentage: 50 });
  });

  it('adds up what its batches stored, for itself and its symbols', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    const raw = { new: 4, changed: 1, unchanged: 2, rejected: 3 };
    const requests = [
      { purpose: 'planned', bytes: 1.5e9 },
      { purpose: 'evidence', bytes: 1 },
    ] as const;
    for (const [bars, weeks] of [
      [3, [2800, 2801]],
      [4, [2801, 2802]],
    ] as const) {
      await opened().transaction('add records', (client) =>
        addToRun(client, runId, 1, {
          raw,
          imported: [{ symbol: 'MSFT', imported: { bars, weeks, months: [24_000] } }],
          requests,
        }),
      );
    }
    const run = await getRun(opened().pool, runId);
    expect(run).toMatchObject({ requests: 2, bytes: 3e9 + 2 });
    expect(run.records).toEqual({
      // Three weeks and a month, though both touched one of each.
      imported: 7 + 3 + 1,
      new: 8,
      changed: 2,
      unchanged: 4,
      rejected: 6,
    });
    expect(await symbolRows('symbol, records_imported::integer AS imported')).toEqual([
      { symbol: 'AAPL', imported: 0 },
      { symbol: 'MSFT', imported: 11 },
    ]);
  });

  it('knows how many requests are left, with the later pages that answers told of', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    const raw = { new: 0, changed: 0, unchanged: 0, rejected: 0 };
    const requests = (['planned', 'page', 'page', 'evidence'] as const).map((purpose) => ({
      purpose,
      bytes: 0,
    }));
    await opened().transaction('add requests', async (client) => {
      await planRequests(client, { runId, attempt: 1 }, 5);
      await addToRun(client, runId, 1, { raw, imported: [], requests });
    });
    expect(await getRun(opened().pool, runId)).toMatchObject({ requests: 3, requestsPlanned: 7 });
    await opened().transaction('plan of another attempt', (client) =>
      planRequests(client, { runId, attempt: 2 }, 50),
    );
    expect(await getRun(opened().pool, runId)).toMatchObject({ requestsPlanned: 7 });
  });

  it('that ends early leaves symbols in work pending, and says why it ended', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT', 'ORCL']);
    await end(runId, [succeeded('AAPL'), failedWith('MSFT', 'No.')]);
    await opened().transaction('end the run', (client) =>
      finishRun(client, runId, 1, {
        status: 'failed',
        at: ETA,
        errorCode: 'API_KEY_INVALID',
        errorMessage: 'The key was refused.',
      }),
    );
    expect(await getRun(opened().pool, runId)).toMatchObject({
      status: 'failed',
      estimatedCompletion: ETA,
      errorCode: 'API_KEY_INVALID',
      errorMessage: 'The key was refused.',
      completedAt: expect.any(Date),
    });
    expect(await symbolRows('symbol, status')).toMatchObject([
      { status: 'completed' },
      { status: 'failed' },
      { status: 'pending' },
    ]);
  });

  it('is found by its id, else the newest; null where there is none', async () => {
    expect(await findRun(opened().pool)).toBeNull();
    const older = await recordedRun(opened(), ['AAPL']);
    const newer = await recordedRun(opened(), ['AAPL']);
    expect((await findRun(opened().pool))?.runId).toBe(newer);
    expect((await findRun(opened().pool, older))?.runId).toBe(older);
    expect(await findRun(opened().pool, 'no such run')).toBeNull();
    expect(await thrownBy(() => getRun(opened().pool, 'no such run'))).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a retry', () => {
  it('makes the failed symbols it names pending under the next attempt, with one more retry counted', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'BAD', 'WORSE']);
    await end(runId, [succeeded('AAPL'), failedWith('BAD', 'No.'), failedWith('WORSE', 'Never.')]);
    await finish(runId, 'completed');
    expect(await reopen(runId, ['BAD', 'AAPL'])).toBe(2);
    expect(await getRun(opened().pool, runId)).toMatchObject({
      status: 'in_progress',
      attempt: 2,
      completed: 1,
      failed: 1,
      percentage: 66.66,
      currentSymbol: 'BAD',
      errorCode: null,
      completedAt: null,
    });
    expect(
      await symbolRows('symbol, status, attempt, retry_count, error_message, processing_time_ms'),
    ).toEqual([
      {
        symbol: 'AAPL',
        status: 'completed',
        attempt: 1,
        retry_count: 0,
        error_message: null,
        processing_time_ms: 140,
      },
      {
        symbol: 'BAD',
        status: 'pending',
        attempt: 2,
        retry_count: 1,
        error_message: null,
        processing_time_ms: null,
      },
      {
        symbol: 'WORSE',
        status: 'failed',
        attempt: 1,
        retry_count: 0,
        error_message: 'Never.',
        processing_time_ms: 20,
      },
    ]);
  });

  it('is not moved by what is left of the attempt before', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'BAD']);
    await end(runId, [succeeded('AAPL'), failedWith('BAD', 'No.')]);
    await finish(runId, 'completed');
    const attempt = await reopen(runId, ['BAD']);
    const start = (of: number): Promise<void> =>
      opened().transaction('hand symbols to workers', (client) => startSymbols(client, runId, of, ['BAD']));
    await start(attempt - 1);
    expect(await symbolRows('status')).toEqual([{ status: 'completed' }, { status: 'pending' }]);
    await start(attempt);
    await end(runId, [succeeded('BAD')], attempt - 1);
    expect(await getRun(opened().pool, runId)).toMatchObject({ completed: 1, failed: 0, percentage: 50 });
    await end(runId, [succeeded('BAD')], attempt);
    expect(await getRun(opened().pool, runId)).toMatchObject({ completed: 2, failed: 0, percentage: 100 });
  });

  it('is given to one of two who ask at once; the other is told that the run is in progress', async () => {
    const runId = await recordedRun(opened(), ['BAD']);
    await end(runId, [failedWith('BAD', 'No.')]);
    await finish(runId, 'failed');
    const both = await Promise.allSettled([reopen(runId, ['BAD']), reopen(runId, ['BAD'])]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'RUN_CONFLICT', message: expect.stringContaining('is in progress') },
    });
    expect(await getRun(opened().pool, runId)).toMatchObject({ attempt: 2, failed: 0, percentage: 0 });
  });
});

describe('the failed symbols', () => {
  it('of a run are listed by symbol with their reason and retries', async () => {
    const runId = await recordedRun(opened(), ['ZZZ', 'AAA', 'OK']);
    await end(runId, [failedWith('ZZZ', 'No.'), failedWith('AAA', 'Never.'), succeeded('OK')]);
    expect(await listFailedSymbols(opened().pool, runId)).toEqual([
      { symbol: 'AAA', errorCode: 'SYMBOL_NOT_FOUND', errorMessage: 'Never.', retryCount: 0 },
      { symbol: 'ZZZ', errorCode: 'SYMBOL_NOT_FOUND', errorMessage: 'No.', retryCount: 0 },
    ]);
  });
});

describe('the gaps of a run', () => {
  it('are the unexplained absences of its symbols inside its windows, days by the widest of theirs', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    await opened().pool.query(`
      INSERT INTO absences (symbol, timeframe, session, reason) VALUES
        ('AAPL', 'daily', '2024-01-02', 'unexplained'), ('AAPL', 'daily', '2024-03-01', 'unexplained'),
        ('AAPL', 'daily', '2024-03-04', 'rejected'), ('AAPL', 'hourly', '2024-03-01', 'unexplained'),
        ('AAPL', 'hourly', '2024-02-01', 'unexplained'), ('MSFT', 'daily', '2024-03-29', 'unexplained'),
        ('MSFT', 'daily', '2024-04-01', 'unexplained'), ('IBM', 'daily', '2024-03-01', 'unexplained')`);
    const march = { from: '2024-03-01', to: '2024-03-29' };
    expect(await countGaps(opened().pool, runId, { daily: march })).toBe(2);
    expect(await countGaps(opened().pool, runId, { hourly: march })).toBe(1);
    expect(await countGaps(opened().pool, runId, { hourly: march, daily: march })).toBe(3);
    expect(
      await countGaps(opened().pool, runId, { daily: march, monthly: { ...march, from: '2024-01-01' } }),
    ).toBe(3);
  });
});
