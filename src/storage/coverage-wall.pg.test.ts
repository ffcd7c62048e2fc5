import { beforeAll, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { createNameHistory } from '../market/name-history.ts';
import { absenceReasons } from './absence-reasons.ts';
import { cellStates, findCovered, readCoverageWall } from './coverage-wall.ts';
import { listGaps } from './gaps.ts';
import { readSessionFacts } from './session-facts.ts';

const opened = openedDatabase();
beforeAll(() =>
  opened().pool.query(`
    INSERT INTO coverage (symbol, timeframe, sessions, provisional) VALUES
      ('AAPL', 'daily', '{[2024-03-04,2024-03-07),[2024-03-11,2024-03-15)}', '{[2024-03-14,2024-03-15)}'),
      ('FB', 'daily', '{[2024-03-04,2024-03-07)}', '{}'),
      ('META', 'daily', '{[2024-03-11,2024-03-15)}', '{}'),
      ('NEWS', 'daily', '{[2024-03-05,2024-03-15)}', '{[2024-03-14,2024-03-15)}'),
      ('GONE', 'daily', '{[2024-03-04,2024-03-09)}', '{}'),
      ('AAPL', 'hourly', '{[2024-03-08,2024-03-14)}', '{}');
    INSERT INTO absences (symbol, timeframe, session, reason) VALUES
      ('AAPL', 'daily', '2024-03-05', 'no_trade'), ('AAPL', 'daily', '2024-03-06', 'unexplained'),
      ('AAPL', 'daily', '2024-03-11', 'rejected'), ('AAPL', 'daily', '2024-03-14', 'vendor_gap'),
      ('AAPL', 'hourly', '2024-03-12', 'vendor_outage'),
      ('NEWS', 'daily', '2024-03-05', 'not_listed'), ('NEWS', 'daily', '2024-03-06', 'not_listed');
    INSERT INTO symbol_lives VALUES ('NEWS', '2024-03-07', NULL, '2024-03-16'), ('GONE', NULL, '2024-03-12', '2024-03-16');
    INSERT INTO refused_history VALUES ('hourly', '2024-03-05')`),
);

const sessions = sessionsBetween('2024-03-01', '2024-03-18');
const symbols = ['AAPL', 'FB', 'GONE', 'META', 'NEWS', 'ZZZZ'];
const names = createNameHistory([
  { oldSymbol: 'FB', newSymbol: 'META', lastSession: '2024-03-08', source: 'a test' },
]);

/** The states of every session, by symbol. */
async function read(timeframe: 'daily' | 'hourly' = 'daily') {
  const rows = await readCoverageWall(opened().pool, {
    symbols,
    timeframe,
    sessions,
    dueThrough: '2024-03-15',
    names,
  });
  return new Map(
    rows.map(({ symbol, runs }) => [
      symbol,
      runs.flatMap((code, at) => (at % 2 === 0 ? Array(runs[at + 1]!).fill(cellStates[code]!) : [])),
    ]),
  );
}

const onDays = (states: readonly string[] | undefined): string =>
  (states ?? []).map((state, at) => `${sessions[at]!.slice(8)} ${state}`).join(', ');

describe('the coverage wall', () => {
  it('says of each session what became of it', async () => {
    const wall = await read();
    expect([...wall].map(([symbol, states]) => `${symbol}: ${onDays(states)}`)).toEqual([
      'AAPL: 01 not_asked, 04 complete, 05 no_trade, 06 unexplained, 07 owed, 08 owed, 11 rejected, 12 complete, 13 complete, 14 vendor_gap, 15 owed, 18 not_due',
      'FB: 01 not_asked, 04 complete, 05 complete, 06 complete, 07 owed, 08 owed, 11 renamed, 12 renamed, 13 renamed, 14 renamed, 15 renamed, 18 not_due',
      'GONE: 01 not_asked, 04 complete, 05 complete, 06 complete, 07 complete, 08 complete, 11 owed, 12 delisted, 13 delisted, 14 delisted, 15 delisted, 18 not_due',
      'META: 01 renamed, 04 renamed, 05 renamed, 06 renamed, 07 renamed, 08 renamed, 11 complete, 12 complete, 13 complete, 14 complete, 15 owed, 18 not_due',
      'NEWS: 01 not_listed, 04 not_listed, 05 not_listed, 06 not_listed, 07 complete, 08 complete, 11 complete, 12 complete, 13 complete, 14 provisional, 15 owed, 18 not_due',
      'ZZZZ: 01 not_asked, 04 not_asked, 05 not_asked, 06 not_asked, 07 not_asked, 08 not_asked, 11 not_asked, 12 not_asked, 13 not_asked, 14 not_asked, 15 not_asked, 18 not_due',
    ]);
    expect(onDays((await read('hourly')).get('AAPL'))).toBe(
      '01 clipped, 04 clipped, 05 clipped, 06 not_asked, 07 not_asked, 08 complete, 11 complete, 12 vendor_outage, 13 complete, 14 owed, 15 owed, 18 not_due',
    );
  });

  it.each(['daily', 'hourly'] as const)(
    'agrees with what is stored of each session, %s',
    async (timeframe) => {
      const wall = await read(timeframe);
      const unanswered = cellStates.filter(
        (state) => !['complete', 'provisional', 'unexplained'].includes(state),
      );
      for (const symbol of symbols)
        for (const [at, session] of sessions.entries()) {
          const facts = await opened().transaction('read', (client) =>
            readSessionFacts(client, symbol, session),
          );
          const series = facts.series.find((one) => one.timeframe === timeframe)!;
          const answered = series.isProvisional ? 'provisional' : 'complete';
          expect(series.isCovered ? [series.absence?.reason ?? answered] : unanswered).toContain(
            wall.get(symbol)![at],
          );
        }
    },
  );

  it('has the absences that are listed as gaps', async () => {
    const listed = await listGaps(
      opened().pool,
      { symbols, timeframe: 'daily', sessions },
      absenceReasons,
      null,
    );
    const wall = await read();
    for (const { symbol, reason, from, sessions: count } of listed) {
      const at = sessions.indexOf(from);
      expect(wall.get(symbol)!.slice(at, at + count)).toEqual(Array(count).fill(reason));
    }
  });

  it('begins where the first answer does', async () => {
    expect(await findCovered(opened().pool, 'daily', null)).toEqual({
      symbols: ['AAPL', 'FB', 'GONE', 'META', 'NEWS'],
      first: '2024-03-04',
    });
    expect(await findCovered(opened().pool, 'hourly', ['FB'])).toEqual({ symbols: [], first: null });
  });

  it('has a place for each session, whatever their number', async () => {
    for (const some of [[], sessions.slice(0, 1)]) {
      const rows = await readCoverageWall(opened().pool, {
        symbols: ['AAPL'],
        timeframe: 'daily',
        sessions: some,
        dueThrough: '2024-03-15',
        names,
      });
      expect(rows).toEqual([{ symbol: 'AAPL', runs: some.length === 0 ? [] : [0, 1] }]);
    }
  });
});
