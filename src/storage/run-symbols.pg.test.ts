import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { failedWith, recordedRun, succeeded } from '../../test/support/recorded-run.ts';
import { listRuns } from './read-runs.ts';
import { listRunSymbols } from './run-symbols.ts';
import { finishSymbols } from './runs.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE processing_runs CASCADE'));

const ETA = new Date('2026-01-05T13:00:00Z');

describe('the symbols of a run', () => {
  let runId: string;
  beforeEach(async () => {
    runId = await recordedRun(opened(), ['AAPL', 'AMGN', 'BCPC', 'KO', 'MSFT']);
    await opened().transaction('end symbols', (client) =>
      finishSymbols(
        client,
        runId,
        1,
        [
          succeeded('AAPL'),
          { ...succeeded('AMGN'), processingTimeMs: 900 },
          failedWith('KO', 'no bars'),
          failedWith('MSFT', 'no bars'),
        ],
        ETA,
      ),
    );
    await opened().pool.query(
      `UPDATE symbol_processing_status SET retry_count = 2 WHERE run_id = $1 AND symbol = 'MSFT'`,
      [runId],
    );
  });
  const names = async (query: Partial<Parameters<typeof listRunSymbols>[2]>): Promise<string[]> =>
    (await listRunSymbols(opened().pool, runId, { order: 'trouble', limit: 10, ...query })).map(
      ({ symbol }) => symbol,
    );

  it('come by trouble: failed, then retried most, then slowest', async () => {
    expect(await names({})).toEqual(['MSFT', 'KO', 'AMGN', 'AAPL', 'BCPC']);
    expect(await names({ order: 'symbol' })).toEqual(['AAPL', 'AMGN', 'BCPC', 'KO', 'MSFT']);
  });

  it('are paged in either order, none twice', async () => {
    expect(await names({ limit: 2 })).toEqual(['MSFT', 'KO']);
    expect(await names({ limit: 2, after: 'KO' })).toEqual(['AMGN', 'AAPL']);
    expect(await names({ order: 'symbol', after: 'BCPC' })).toEqual(['KO', 'MSFT']);
  });

  it('can be those of a status, or with a text in their names', async () => {
    expect(await names({ status: 'failed' })).toEqual(['MSFT', 'KO']);
    expect(await names({ find: 'm' })).toEqual(['MSFT', 'AMGN']);
    expect(await names({ find: '%' })).toEqual([]);
  });
});

it('finds runs by a universe, and by a text in their id, their errors or among their symbols', async () => {
  const [first, second] = [
    await recordedRun(opened(), ['AAPL', 'MSFT']),
    await recordedRun(opened(), ['AAPL', 'KO']),
  ];
  await opened().pool.query(
    `UPDATE processing_runs SET request = jsonb_set(request, '{universes}', '["sp500", "dow30"]'), error_message = 'Key refused 100%'
      WHERE run_id = $1`,
    [first],
  );
  const found = async (query: { universe?: string; find?: string }): Promise<string[]> =>
    (await listRuns(opened().pool, { ...query, limit: 10 })).map(({ runId }) => runId);
  expect(await found({ universe: 'dow30' })).toEqual([first]);
  expect(await found({ universe: 'dow' })).toEqual([]);
  expect(await found({ find: first.slice(3, 20).toUpperCase() })).toEqual([first]);
  expect(await found({ find: 'refused 100%' })).toEqual([first]);
  expect(await found({ find: 'ko' })).toEqual([second]);
  expect(await found({ find: 'aapl' })).toEqual([second, first]);
  expect(await found({ find: 'nothing' })).toEqual([]);
});
