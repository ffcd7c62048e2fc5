import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { dataRows } from '../support/data-rows.ts';
import { startNights } from '../support/night-by-night.ts';
import { describeWithSharedData } from '../support/shared-data.ts';

const SYMBOLS = ['A', 'AAPL', 'KO', 'UNH', 'V'];
const [FROM, TO] = ['2015-03-26', '2015-04-08'];

describeWithSharedData('bars that the vendor corrects on the next session', (folder) => {
  it('are corrected by the night after, with the old values kept, and shown as they were', async (context) => {
    const nights = await startNights(context, { replay: folder, symbols: undefined });
    const { pool } = nights.database;
    for (const night of sessionsBetween(FROM, TO))
      await nights.importOn(night, { symbols: SYMBOLS, span: { from: FROM, to: night } });

    const real = dataRows(join(folder, 'bars', 'revisions.csv.gz'))
      .map((row) => row.split(','))
      .filter(
        ([symbol = '', date = '', , , , , , , seen = '']) =>
          SYMBOLS.includes(symbol) && date >= FROM && seen <= TO,
      )
      .map((row) => ({
        symbol: row[0]!,
        session: row[1]!,
        seenOn: row[8]!,
        first: row.slice(3, 8).map(Number),
        corrected: row.slice(9, 14).map(Number),
      }));
    expect(real.length).toBeGreaterThan(10);
    const { rows: kept } = await pool.query<Record<string, unknown>>(
      `SELECT symbol, (starts_at AT TIME ZONE 'America/New_York')::date::text AS session, replaced_on::text AS "seenOn",
              ARRAY[open, high, low, close, volume] AS first FROM bar_revisions ORDER BY 1, 2`,
    );
    expect(kept).toEqual(real.map(({ corrected: _corrected, ...old }) => old));
    for (const { symbol, session, seenOn, first, corrected } of real) {
      const shownOn = async (day: string): Promise<unknown> => {
        const client = await pool.connect();
        try {
          await client.query(`SET tickstock.as_of = '${day}'`);
          const { rows } = await client.query(
            'SELECT ARRAY[open, high, low, close, volume] AS bar FROM stored_daily WHERE symbol = $1 AND session = $2',
            [symbol, session],
          );
          return rows[0]?.bar;
        } finally {
          await client.query('RESET tickstock.as_of');
          client.release();
        }
      };
      expect([await shownOn(session), await shownOn(seenOn)]).toEqual([first, corrected]);
    }
  });
});
