import { beforeAll, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { findSymbolFacts, listStoredSymbols } from './symbol-facts.ts';

const opened = openedDatabase();
beforeAll(() =>
  opened().pool.query(`
    INSERT INTO coverage (symbol, timeframe, sessions, provisional) VALUES
      ('AAPL', 'daily', '{[2024-03-07,2024-03-13),[2024-04-01,2024-04-03)}', '{[2024-04-02,2024-04-03)}'),
      ('AAPL', 'hourly', '{[2024-03-11,2024-03-13)}', '{}'),
      ('AAL', 'daily', '{[2024-03-07,2024-03-11)}', '{}'),
      ('BCPC', 'daily', '{[2024-03-07,2024-03-11)}', '{}'),
      ('BCpC', 'hourly', '{[2024-03-07,2024-03-08)}', '{}'),
      ('ZERO', 'daily', '{}', '{}');
    INSERT INTO absences (symbol, timeframe, session, reason) VALUES
      ('AAPL', 'daily', '2024-03-08', 'no_trade'), ('AAPL', 'daily', '2024-03-11', 'no_trade'),
      ('AAPL', 'daily', '2024-04-01', 'rejected'), ('AAPL', 'hourly', '2024-03-12', 'vendor_gap');
    INSERT INTO universes (name, source) VALUES ('mine', 'a test');
    INSERT INTO universe_members (universe, symbol, name, valid_from, valid_to) VALUES
      ('mine', 'BCPC', 'Balchem, once', '2001-01-01', '2010-12-31'), ('mine', 'BCPC', '100% Balchem', '2011-01-01', 'infinity');
    INSERT INTO symbol_lives VALUES ('AAPL', '1980-12-12', NULL, '2024-04-03');
    INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict, observed, withdrawn_on) VALUES
      ('AAPL', '2020-08-31', 1, 4, 'confirmed', 3.87, NULL), ('AAPL', '2024-04-02', 1, 10, 'held', 1.02, NULL),
      ('AAPL', '2023-01-03', 1, 2, 'pending', NULL, '2023-02-01'), ('AAL', '2020-01-02', 1, 2, 'pending', NULL, NULL);
    INSERT INTO rejected_bars (symbol, timeframe, starts_at, session, open, reason, run_id) VALUES
      ('AAPL', 'daily', '2024-04-01 00:00 America/New_York', '2024-04-01', 0, 'open is not above 0', 'r1'),
      ('AAPL', 'hourly', '2024-03-11 10:00 America/New_York', '2024-03-11', NULL, 'open is not a finite number', 'r2')`),
);

const names = new Map([
  ['AAPL', 'Apple Inc.'],
  ['BCPC', 'of the program'],
]);
const list = async (find?: string, after?: string, limit = 10): Promise<string[]> =>
  (await listStoredSymbols(opened().pool, { find, after, limit, names })).map(({ symbol }) => symbol);

describe('stored symbols', () => {
  it('are those of which something was answered, a page at a time', async () => {
    expect(await list()).toEqual(['AAL', 'AAPL', 'BCPC', 'BCpC']);
    expect(await list(undefined, 'AAPL', 1)).toEqual(['BCPC']);
    expect(await list(undefined, 'BCpC')).toEqual([]);
  });

  it('are found by how they begin and by a part of their name, whatever the case', async () => {
    expect(await list('aa')).toEqual(['AAL', 'AAPL']);
    expect(await list('bcpc')).toEqual(['BCPC', 'BCpC']);
    expect(await list('apple')).toEqual(['AAPL']);
    expect(await list('BALCHEM')).toEqual(['BCPC']);
    // What a pattern would make something of is taken as it is.
    expect(await list('100%')).toEqual(['BCPC']);
    expect(await list('%')).toEqual(['BCPC']);
    expect(await list('_')).toEqual([]);
    expect(await list(`' OR true --`)).toEqual([]);
  });

  it('come with their newest name and with what is covered, sessions with bars counted', async () => {
    const [, apple, balchem] = await listStoredSymbols(opened().pool, { limit: 3, names });
    expect(apple).toEqual({
      symbol: 'AAPL',
      name: 'Apple Inc.',
      coverage: [
        {
          timeframe: 'daily',
          // The weekend and Good Friday are no sessions.
          ranges: [
            { from: '2024-03-07', to: '2024-03-12' },
            { from: '2024-04-01', to: '2024-04-02' },
          ],
          provisional: [{ from: '2024-04-02', to: '2024-04-02' }],
          sessions: 6,
          sessionsWithBars: 3,
        },
        {
          timeframe: 'hourly',
          ranges: [{ from: '2024-03-11', to: '2024-03-12' }],
          provisional: [],
          sessions: 2,
          sessionsWithBars: 1,
        },
      ],
    });
    expect(balchem).toMatchObject({ symbol: 'BCPC', name: '100% Balchem' });
  });
});

describe('what is known of a symbol', () => {
  const find = (symbol: string, most = 10) =>
    opened().transaction('read', (client) => findSymbolFacts(client, symbol, most));

  it('has its gaps, splits and quarantined bars, the newest first', async () => {
    const facts = (await find('AAPL'))!;
    expect(facts).toMatchObject({
      name: null,
      listedOn: '1980-12-12',
      delistedOn: null,
      rejectsTotal: 2,
      splits: [
        { executionDate: '2024-04-02', from: 1, to: 10, verdict: 'held', observed: 1.02, withdrawnOn: null },
        { executionDate: '2023-01-03', withdrawnOn: '2023-02-01' },
        { executionDate: '2020-08-31', verdict: 'confirmed' },
      ],
      rejects: [
        { timeframe: 'daily', session: '2024-04-01', open: 0, rule: 'open is not above 0', runId: 'r1' },
        { timeframe: 'hourly', startsAt: new Date('2024-03-11T14:00:00Z'), open: null, runId: 'r2' },
      ],
    });
    expect(facts.gaps.map(({ timeframe, from, to, reason }) => [timeframe, from, to, reason])).toEqual([
      ['daily', '2024-04-01', '2024-04-01', 'rejected'],
      ['hourly', '2024-03-12', '2024-03-12', 'vendor_gap'],
      ['daily', '2024-03-08', '2024-03-11', 'no_trade'],
    ]);
    expect(facts.absences.map(({ reason, sessions }) => `${reason} ${sessions}`).toSorted()).toEqual([
      'no_trade 2',
      'rejected 1',
      'vendor_gap 1',
    ]);
    expect(facts.coverage.map(({ timeframe }) => timeframe)).toEqual(['daily', 'hourly']);
  });

  it('is cut to so many, with all counted', async () => {
    const facts = (await find('AAPL', 1))!;
    expect([facts.gaps.length, facts.rejects.length, facts.rejectsTotal]).toEqual([1, 1, 2]);
  });

  it('is nothing of one that was never answered; case matters', async () => {
    expect(await find('aapl')).toBeNull();
    expect(await find('ZERO')).toBeNull();
    expect(await find('BCpC')).toMatchObject({ name: null, splits: [], gaps: [], rejects: [] });
    expect(await find('BCPC')).toMatchObject({ name: '100% Balchem' });
  });
});
