import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { failedWith, recordedRun, succeeded } from '../../test/support/recorded-run.ts';
import { type SymbolOutcome, finishRun, finishSymbols } from '../storage/runs.ts';
import { type AttentionItem, createAttention } from './attention.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE processing_runs, absences, splits, bars_daily CASCADE'));

const ETA = new Date('2026-01-05T13:00:00Z');

/** A run of these outcomes that has ended; its id. */
async function endedRun(
  outcomes: readonly SymbolOutcome[],
  {
    symbols = outcomes.map(({ symbol }) => symbol),
    ...end
  }: Partial<Parameters<typeof finishRun>[3]> & { symbols?: readonly string[] } = {},
): Promise<string> {
  const runId = await recordedRun(opened(), symbols);
  await opened().transaction('end the run', async (client) => {
    await finishSymbols(client, runId, 1, outcomes, ETA);
    await finishRun(client, runId, 1, { status: 'completed', at: ETA, ...end });
  });
  return runId;
}

const attention = (): Promise<readonly AttentionItem[]> => createAttention(opened().pool).get('all');

describe('what needs a person', () => {
  it('is nothing when all is well', async () => {
    await endedRun([succeeded('AAPL')]);
    expect(await attention()).toEqual([]);
  });

  it('is symbols that failed, until a later run has them', async () => {
    const runId = await endedRun([
      succeeded('AAPL'),
      failedWith('MSFT', 'no bars'),
      failedWith('KO', 'no bars'),
    ]);
    expect(await attention()).toEqual([
      {
        kind: 'symbols_failed',
        id: runId,
        title: '2 symbols failed to import',
        detail: 'Chosen symbols · daily, hourly: KO, MSFT. Why: not known to the vendor.',
        advice: 'Correct their spelling or the list they come from; retry what the vendor knows by now.',
        at: expect.stringMatching(/Z$/),
        run_id: runId,
        symbols: 2,
        action: { kind: 'retry', label: 'Retry 2 symbols', run_id: runId },
      },
    ]);
    await endedRun([succeeded('MSFT')]);
    expect(await attention()).toMatchObject([{ id: runId, title: '1 symbol failed to import' }]);
    const later = await endedRun([failedWith('KO', 'no bars')]);
    expect(await attention()).toMatchObject([{ id: later, symbols: 1 }]);
  });

  it('is not taken from a run that asked for less', async () => {
    const runId = await endedRun([failedWith('KO', 'no bars')]);
    const newer = await endedRun([succeeded('KO')]);
    await opened().pool.query(
      `UPDATE processing_runs SET request = jsonb_set(request, '{windows,daily,from}', '"2000-02-01"') WHERE run_id = $1`,
      [newer],
    );
    expect(await attention()).toMatchObject([{ id: runId }]);
  });

  it('is a run that was stopped: by a refused key, a pause or an outage', async () => {
    const parked = await endedRun([succeeded('AAPL')], {
      symbols: ['AAPL', 'KO'],
      status: 'parked',
      errorCode: 'VENDOR_NOT_READY',
      errorMessage: 'Nothing works.',
    });
    expect(await attention()).toMatchObject([
      {
        kind: 'run_waits',
        title: 'An import is parked',
        detail: 'Chosen symbols · daily, hourly, 1 symbol to go. Nothing works.',
        action: { kind: 'resume', run_id: parked },
      },
    ]);
    const refused = await endedRun([], {
      symbols: ['AAPL'],
      status: 'failed',
      errorCode: 'API_KEY_INVALID',
      errorMessage: 'Massive refuses it.',
    });
    expect(await attention()).toMatchObject([
      {
        kind: 'key',
        title: 'Massive refuses the key',
        advice: expect.stringContaining('MASSIVE_API_KEY'),
        action: { kind: 'resume', run_id: refused },
      },
      { kind: 'run_waits' },
    ]);
    await endedRun([succeeded('AAPL'), succeeded('KO')]);
    expect(await attention()).toEqual([]);
  });

  it('is absences without a good reason, with what asks for them again', async () => {
    await opened().pool.query(
      `INSERT INTO absences (symbol, timeframe, session, reason) VALUES
         ('KO', 'daily', '2026-01-02', 'unexplained'), ('KO', 'hourly', '2026-01-02', 'unexplained'),
         ('AAPL', 'daily', '2025-12-30', 'unexplained'), ('MSFT', 'hourly', '2025-12-31', 'vendor_gap'),
         ('BA', 'daily', '2025-12-31', 'no_trade'), ('BA', 'daily', '2020-01-02', 'not_listed')`,
    );
    expect(await attention()).toMatchObject([
      {
        kind: 'gaps',
        id: 'unexplained',
        title: '3 sessions of 2 symbols missing: unexplained',
        symbols: 2,
        action: {
          kind: 'import',
          trigger: {
            symbols: ['KO', 'AAPL'],
            timeframes: ['hourly', 'daily'],
            from: '2025-12-30',
            to: '2026-01-02',
            refresh: true,
          },
        },
      },
      {
        id: 'vendor_gap',
        title: '1 session of 1 symbol missing: the vendor lacks it',
        action: { trigger: { symbols: ['MSFT'], timeframes: ['hourly'] } },
      },
    ]);
  });

  it('is a split that the prices contradict', async () => {
    await opened().pool.query(
      `INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict, observed) VALUES ('KO', '2026-01-05', 1, 2, 'held', 1.01),
         ('BA', '2026-01-05', 1, 2, 'confirmed', 2)`,
    );
    await opened().pool.query(
      `INSERT INTO bars_daily (symbol, session, open, high, low, close, volume, final) VALUES
         ('KO', '2026-01-02', 70, 71, 69, 70.7, 1, true), ('KO', '2026-01-05', 70, 71, 69, 70, 1, true)`,
    );
    expect(await attention()).toMatchObject([
      {
        kind: 'split_held',
        id: 'KO 2026-01-05',
        title: 'A split of KO is held back',
        detail:
          'The split of KO on 2026-01-05, 2 for 1, is held back: from the close of 70.7 on 2026-01-02 to the open of 70 on 2026-01-05 prices went by 1.0100, not by 2.0000. They are not adjusted for it.',
        action: {
          trigger: { symbols: ['KO'], timeframes: ['daily'], from: '2026-01-02', to: '2026-01-05' },
        },
      },
    ]);
  });
});
