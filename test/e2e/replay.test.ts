import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { dataRows } from '../support/data-rows.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { type SandboxProcess, run, scratchFolder, startSandboxProgram } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { describeWithSharedData } from '../support/shared-data.ts';

/** open, high, low, close, volume */
type Values = readonly number[];

describeWithSharedData('real bars, replayed', (folder) => {
  /** A file's rows with a volume by symbol and time; the rest is filler of the source. */
  function barsOfFile(
    kind: 'daily' | 'hourly',
    symbol: string,
    from: string,
    to: string,
  ): Map<string, Values> {
    const bars = new Map<string, Values>();
    for (const row of dataRows(join(folder, 'bars', kind, `${symbol}.csv.gz`))) {
      const [time = '', ...values] = row.split(',');
      if (time < from || time.slice(0, 10) > to || Number(values[4]) === 0) continue;
      bars.set(`${symbol} ${time}`, values.map(Number));
    }
    return bars;
  }

  /** Those that a row rule keeps out, told from the rows alone. */
  const breaksARule = ([open = 0, high = 0, low = 0, close = 0]: Values): boolean =>
    Math.min(open, high, low, close) <= 0 || high < Math.max(open, low, close) || low > Math.min(open, close);

  async function replayed(now: string): Promise<{ database: TestDatabase; sandbox: SandboxProcess }> {
    const sandbox = await startSandboxProgram(now, '--replay', folder);
    onTestFinished(() => sandbox.stop());
    return { database: await scratchDatabase({ onTestFinished }), sandbox };
  }

  /** Rows of a table or view as their day's or hour's values, seen as of a day. */
  async function stored(database: TestDatabase, asOf: string, sql: string): Promise<Map<string, Values>> {
    const client = await database.pool.connect();
    try {
      await client.query(`SET timezone = 'UTC'; SET tickstock.as_of = '${asOf}'`);
      const { rows } = await client.query<[string, ...number[]]>({ text: sql, rowMode: 'array' });
      return new Map(rows.map(([key, ...values]) => [key, values]));
    } finally {
      client.release();
    }
  }
  const VALUES = 'open, high, low, close, volume';

  it('347 symbols of 513 sessions are stored or quarantined value for value, and adjusted by their splits', async () => {
    const now = '2017-04-05T12:00:00Z';
    const [from, to] = ['2015-03-20', '2017-03-31'];
    const { database, sandbox } = await replayed(now);
    const symbols = readdirSync(join(folder, 'bars', 'daily')).map((file) => file.replace('.csv.gz', ''));
    expect(symbols).toHaveLength(347);
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'all.csv'), `${symbols.join('\n')}\n`);
    const { code, out } = await run(
      ['import', '--universe', 'csv:all.csv', '--timeframes', 'daily', '--from', from, '--to', to, '--json'],
      { cwd, env: { ...sandbox.env, DATABASE_URL: database.url } },
    );
    const summary = JSON.parse(out);

    const rows = new Map(symbols.flatMap((symbol) => [...barsOfFile('daily', symbol, from, to)]));
    const isFaulty = ([, values]: [string, Values]): boolean => breaksARule(values);
    const faulty = [...rows].filter(isFaulty);
    const bars = await stored(
      database,
      '2017-04-05',
      `SELECT symbol || ' ' || session, ${VALUES} FROM bars_daily`,
    );
    const rejected = await stored(
      database,
      '2017-04-05',
      `SELECT symbol || ' ' || session, ${VALUES} FROM rejected_bars`,
    );
    expect(rows.size).toBeGreaterThan(169_000);
    expect(faulty.length).toBeGreaterThan(0);
    expect(rejected).toEqual(new Map(faulty));
    expect(bars.size).toBe(rows.size - faulty.length);
    expect(
      differences(bars, 0, (key) => (breaksARule(rows.get(key) ?? [0]) ? undefined : rows.get(key))),
    ).toEqual([]);
    expect(summary.records).toEqual({ new: bars.size, changed: 0, unchanged: 0, rejected: rejected.size });
    // CJ's last bar is of the day before the newest session, on which it did not trade; whoever left the market long
    // before is known to have.
    expect([code, summary.total_symbols, summary.failures]).toEqual([0, 347, []]);
    await expectReasons(database);
    const splits = dataRows(join(folder, 'splits.csv')).map((row) => row.split(','));
    const adjusted = await stored(
      database,
      '2017-04-05',
      `SELECT symbol || ' ' || date, ${VALUES} FROM ohlcv_daily`,
    );
    expect(adjusted.size).toBe(bars.size);
    let moved = 0;
    const wrong = differences(adjusted, 1e-12, (key) => {
      const [symbol = '', session = ''] = key.split(' ');
      const later = splits.filter(
        ([of, exDate = '']) => of === symbol && session < exDate && exDate <= '2017-04-05',
      );
      if (later.length > 0) moved += 1;
      const ratio = later.reduce(
        (product, [, , before, after]) => (product * Number(before)) / Number(after),
        1,
      );
      return bars.get(key)?.map((value, column) => (column === 4 ? value / ratio : value * ratio));
    });
    expect(wrong).toEqual([]);
    expect(moved).toBeGreaterThan(1000);
  });

  /** Why real bars are missing; docs/data-quality.md tells the same as a table. */
  async function expectReasons(database: TestDatabase): Promise<void> {
    const { rows } = await database.pool.query<{ symbol: string; session: string; reason: string }>(
      "SELECT symbol, session::text AS session, reason FROM absences WHERE timeframe = 'daily' ORDER BY 1, 2",
    );
    const reasons = new Map(rows.map(({ symbol, session, reason }) => [`${symbol} ${session}`, reason]));
    const reasonsOf = (isMeant: (row: { symbol: string; session: string }) => boolean): string[] => [
      ...new Set(rows.filter(isMeant).map(({ reason }) => reason)),
    ];
    expect(rows.filter(({ reason }) => reason === 'unexplained')).toEqual([]);
    // Two real outages; nobody else is blamed on the vendor, least of all on half days.
    const lost = rows.filter(({ reason }) => reason === 'vendor_outage');
    expect([...new Set(lost.map(({ session }) => session))].toSorted()).toEqual(['2016-09-01', '2016-09-06']);
    expect(lost.length).toBeGreaterThan(50);
    expect(reasons.get('C 2016-09-06')).toBe('vendor_outage');
    expect(reasons.get('CCI 2016-09-07')).toBe('no_trade');
    // Renamed and delisted: the history stays under the name of its time.
    const before = (symbol: string, date: string) =>
      reasonsOf((row) => row.symbol === symbol && row.session < date);
    const since = (symbol: string, date: string) =>
      reasonsOf((row) => row.symbol === symbol && row.session >= date);
    expect(['AGN', 'PYPL', 'IONS', 'CJ'].map((symbol) => before(symbol, '2015-06-12'))).toEqual(
      Array.from({ length: 4 }, () => ['not_listed']),
    );
    expect([since('ISIS', '2015-12-22'), since('BRCM', '2016-02-01')]).toEqual([['delisted'], ['delisted']]);
    expect(since('EXXI', '2016-04-25').toSorted()).toEqual(['no_trade', 'vendor_outage']);
    expect(reasonsOf(({ symbol }) => symbol === 'AAPL')).toEqual([]);
    // Whatever the source's own list of oddities calls missing has a reason.
    const missing = dataRows(join(folder, 'bars', 'anomalies.csv'))
      .map((row) => row.split(','))
      .filter(([symbol = '', , , kind]) => kind === 'missing_sessions' && symbols347.has(symbol));
    const unexplained = missing.filter(
      ([symbol, first = '', last = '']) =>
        !sessionsBetween(first, last).every((session) => reasons.has(`${symbol} ${session}`)),
    );
    expect(missing.length).toBeGreaterThan(100);
    expect(unexplained).toEqual([]);
    const verdicts = await database.pool.query(
      "SELECT verdict, count(*)::int FROM splits WHERE execution_date BETWEEN '2015-03-21' AND '2017-03-31' GROUP BY 1",
    );
    expect(verdicts.rows).toContainEqual({ verdict: 'confirmed', count: 15 });
    expect(verdicts.rows.map(({ verdict }) => verdict)).not.toContain('held');
  }
  const symbols347 = new Set(
    readdirSync(join(folder, 'bars', 'daily')).map((file) => file.replace('.csv.gz', '')),
  );

  it('three years of hours of AAPL and SPY are stored value for value', async () => {
    const { database, sandbox } = await replayed('2017-04-05T12:00:00Z');
    const [from, to] = ['2014-01-01', '2016-12-31'];
    const { code } = await run(
      ['import', '--symbols', 'AAPL,SPY', '--timeframes', 'hourly', '--from', from, '--to', to],
      { env: { ...sandbox.env, DATABASE_URL: database.url } },
    );
    expect(code).toBe(0);
    const rows = new Map(['AAPL', 'SPY'].flatMap((symbol) => [...barsOfFile('hourly', symbol, from, to)]));
    const key = `symbol || ' ' || to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
    const bars = await stored(database, '2017-04-05', `SELECT ${key}, ${VALUES} FROM bars_hourly`);
    const rejected = await stored(database, '2017-04-05', `SELECT ${key}, ${VALUES} FROM rejected_bars`);
    expect(rows.size).toBeGreaterThan(10_000);
    expect(rejected).toEqual(new Map([...rows].filter(([, values]) => breaksARule(values))));
    expect(bars.size + rejected.size).toBe(rows.size);
    expect(differences(bars, 0, (at) => rows.get(at))).toEqual([]);
  });

  it("fourteen years of AAPL's closes agree with another vendor's, across two splits", async () => {
    const { database, sandbox } = await replayed('2019-06-03T12:00:00Z');
    const { code } = await run(
      ['import', '--symbols', 'AAPL', '--timeframes', 'daily', '--from', '2004-08-19', '--to', '2018-12-31'],
      { env: { ...sandbox.env, DATABASE_URL: database.url } },
    );
    expect(code).toBe(0);
    const closes = await stored(database, '2019-06-03', 'SELECT date::text, close FROM ohlcv_daily');
    const ratios = dataRows(join(folder, 'reference', 'yahoo_AAPL_2004_2018.csv.gz')).flatMap((row) => {
      const [date = '', , , , close] = row.split(',');
      const ours = closes.get(date)?.[0];
      return ours === undefined ? [] : [{ date, ratio: ours / Number(close) }];
    });
    expect(ratios.length).toBeGreaterThan(3300);
    const off = ratios.map(({ ratio }) => Math.abs(ratio - 1)).toSorted((a, b) => a - b);
    expect(off[Math.floor(off.length / 2)]).toBeLessThanOrEqual(1e-6);
    expect(off[Math.floor(off.length * 0.99)]).toBeLessThanOrEqual(0.0025);
    for (const split of ['2005-02-28', '2014-06-09']) {
      const at = ratios.findIndex(({ date }) => date >= split);
      expect(ratios[at]?.date).toBe(split);
      const around = ratios.slice(at - 10, at + 10).map(({ ratio }) => Math.abs(ratio - 1));
      expect(Math.max(...around)).toBeLessThan(0.0025);
    }
  });
});

/** The first few keys whose values are not those wanted, to a relative tolerance. */
function differences(
  have: Map<string, Values>,
  tolerance: number,
  want: (key: string) => Values | undefined,
): unknown[] {
  const found: unknown[] = [];
  for (const [key, values] of have) {
    const wanted = want(key);
    const same =
      wanted !== undefined &&
      wanted.length === values.length &&
      wanted.every(
        (value, at) => Math.abs(value - (values[at] ?? Number.NaN)) <= tolerance * Math.abs(value),
      );
    if (!same) found.push({ key, values, wanted });
    if (found.length === 5) break;
  }
  return found;
}
