import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataRows } from '../../../test/support/data-rows.ts';
import { raw, replayFolders, replaying } from '../../../test/support/replay-folder.ts';
import { ask, listed, range, startSandbox } from '../../../test/support/sandbox.ts';
import { describeWithSharedData } from '../../../test/support/shared-data.ts';
import { newYorkDate } from '../../market/new-york.ts';
import type { Sandbox } from '../sandbox.ts';

const made = replayFolders();
const header = 'date,open,high,low,close,volume\n';

describe('a replay folder', () => {
  it('serves its daily bars over its long ones, and never filler of no volume', () =>
    replaying(
      made({
        'bars/daily/ABC.csv.gz': `${header}2016-01-05,1,2,0.5,1.5,100\n2016-01-06,1.5,1.5,1.5,1.5,0\n2016-01-07,2,2,2,2,5\n`,
        'bars/daily_long/ABC.csv.gz': `${header}2016-01-04,9,9,9,9,9\n2016-01-05,9,9,9,9,9\n2016-01-06,9,9,9,9,9\n2016-01-08,9,9,9,9,9\n`,
      }),
      '2016-02-01T12:00:00Z',
      async (sandbox) => {
        const { body } = await ask(sandbox, raw('ABC', 'day', '2016-01-01', '2016-01-31'));
        const seen = body.results.map((row: { t: number; v: number }) => [newYorkDate(row.t), row.v]);
        expect(seen).toEqual([
          ['2016-01-04', 9],
          ['2016-01-05', 100],
          ['2016-01-07', 5],
          ['2016-01-08', 9],
        ]);
        expect(body.results[1]).toEqual({
          v: 100,
          o: 1,
          c: 1.5,
          h: 2,
          l: 0.5,
          t: Date.parse('2016-01-05T05:00:00Z'),
        });
        const grouped = await ask(sandbox, '/v2/aggs/grouped/locale/us/market/stocks/2016-01-06');
        expect(grouped.body.resultsCount).toBe(0);
      },
    ));

  it('serves a bar once its time is over', () =>
    replaying(
      made({
        'bars/daily/ABC.csv.gz': `${header}2016-01-05,1,1,1,1,1\n`,
        'bars/hourly/ABC.csv.gz':
          'ts,open,high,low,close,volume\n2016-01-05T19:00:00Z,1,1,1,1,1\n2016-01-05T20:00:00Z,1,1,1,1,1\n',
      }),
      '2016-01-05T20:59:59Z',
      async (sandbox) => {
        const counts = async (): Promise<number[]> => {
          const answers = ['day', 'hour'].map((timespan) =>
            ask(sandbox, raw('ABC', timespan, '2016-01-05', '2016-01-05')),
          );
          return (await Promise.all(answers)).map(({ body }) => body.resultsCount);
        };
        expect(await counts()).toEqual([0, 1]);
        sandbox.setNow(Date.parse('2016-01-05T21:00:00Z'));
        expect(await counts()).toEqual([1, 2]);
      },
    ));

  it('adjusts by splits.csv and lists its dividends', () =>
    replaying(
      made({
        'bars/daily/ABC.csv.gz': `${header}2016-01-05,30,30,30,30,10\n2016-01-06,10,10,10,10,30\n`,
        'splits.csv': 'symbol,ex_date,split_from,split_to\nABC,2016-01-06,1,3\n',
        'dividends.csv': 'symbol,ex_date,cash_amount\nABC,2016-01-06,0.25\n',
      }),
      '2016-01-08T12:00:00Z',
      async (sandbox) => {
        const { body } = await ask(sandbox, range('ABC', 'day', '2016-01-05', '2016-01-06'));
        expect(body.results).toMatchObject([
          { c: 10, v: 30 },
          { c: 10, v: 30 },
        ]);
        sandbox.setNow(Date.parse('2016-01-05T23:00:00Z'));
        const before = await ask(sandbox, range('ABC', 'day', '2016-01-05', '2016-01-06'));
        expect(before.body.results).toMatchObject([{ c: 30, v: 10 }]);
        const { rows } = await listed(sandbox, '/stocks/v1/splits');
        expect(rows).toMatchObject([
          { ticker: 'ABC', execution_date: '2016-01-06', split_from: 1, split_to: 3 },
        ]);
        const dividends = await listed(sandbox, '/stocks/v1/dividends');
        expect(dividends.rows).toMatchObject([
          { ticker: 'ABC', ex_dividend_date: '2016-01-06', cash_amount: 0.25 },
        ]);
      },
    ));

  it('tells from the spans of its bars what is listed', () =>
    replaying(
      made({
        'bars/daily/OLD.csv.gz': `${header}2016-01-05,1,1,1,1,1\n2016-01-08,1,1,1,1,1\n`,
        'bars/daily/NOW.csv.gz': `${header}2016-01-05,1,1,1,1,1\n2016-03-31,1,1,1,1,1\n`,
        'bars/daily/PAUSED.csv.gz': `${header}2016-01-05,1,1,1,1,1\n2016-03-24,1,1,1,1,1\n`,
      }),
      '2016-04-01T12:00:00Z',
      async (sandbox) => {
        const symbols = async (query: string): Promise<unknown[]> =>
          (await listed(sandbox, `/v3/reference/tickers?${query}`)).rows.map((row) => row['ticker']);
        expect(await symbols('')).toEqual(['NOW', 'PAUSED']);
        expect(await symbols('date=2016-01-07')).toEqual(['NOW', 'OLD', 'PAUSED']);
        const { rows } = await listed(sandbox, '/v3/reference/tickers?active=false');
        expect(rows).toMatchObject([{ ticker: 'OLD', delisted_utc: '2016-01-09T00:00:00Z' }]);
      },
    ));

  it('ends a symbol that was given up with its last date, if nobody took it over', () =>
    replaying(
      made({
        'bars/daily/OLD.csv.gz': `${header}2016-03-24,1,1,1,1,1\n2016-03-28,1,1,1,1,1\n`,
        'bars/daily/NEW.csv.gz': `${header}2016-03-28,1,1,1,1,1\n2016-03-31,1,1,1,1,1\n`,
        'bars/daily/TAKEN.csv.gz': `${header}2016-01-05,1,1,1,1,1\n2016-03-31,1,1,1,1,1\n`,
        'symbol_changes.csv':
          'last_date_old,old_symbol,new_symbol\n2016-03-29,OLD,NEW\n2016-01-05,TAKEN,OTHER\n2015-01-05,OLD,OTHER\n',
      }),
      '2016-04-01T12:00:00Z',
      async (sandbox) => {
        const { rows } = await listed(sandbox, '/v3/reference/tickers');
        expect(rows.map((row) => row['ticker'])).toEqual(['NEW', 'TAKEN']);
        const gone = await listed(sandbox, '/v3/reference/tickers?active=false');
        expect(gone.rows).toMatchObject([{ ticker: 'OLD', delisted_utc: '2016-03-30T00:00:00Z' }]);
      },
    ));

  it.each<[string, Record<string, string> | null, RegExp]>([
    ['that is not there', null, /^Cannot replay .*nowhere: there is no such folder\.$/],
    [
      'without bars',
      { 'readme.txt': 'hello' },
      /: it has no bars\. Expected files such as bars\/daily\/SYMBOL\.csv\.gz, .*, full_market\/daily_YYYY-MM\.csv\.gz\./,
    ],
    [
      'whose symbol changes have no date',
      { 'bars/daily/A.csv.gz': header, 'symbol_changes.csv': 'last_date_old,old_symbol\nsoon,A\n' },
      /symbol_changes\.csv: line 2 has no symbol, date or amount/,
    ],
    [
      'whose splits have no date',
      { 'bars/daily/A.csv.gz': header, 'splits.csv': 'symbol,ex_date,split_from,split_to\nA,soon,1,2\n' },
      /splits\.csv: line 2 has no symbol, date or amount/,
    ],
  ])('%s is refused at once', async (_what, files, message) => {
    const replay = files === null ? join(made({}), 'nowhere') : made(files);
    await expect(startSandbox({ replay })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [
      'columns',
      'day,price\n2016-01-05,1\n',
      'expected the columns date (or ts), open, high, low, close, volume',
    ],
    [
      'a price',
      `${header}2016-01-05,1,x,1,1,1\n`,
      'line 2 is not a bar later than the one before it: 2016-01-05,1,x',
    ],
    ['order', `${header}2016-01-05,1,1,1,1,1\n2016-01-04,1,1,1,1,1\n`, 'line 3 is not a bar later'],
  ])('answers 500 with file and line for a file without %s', (_what, text, message) =>
    replaying(made({ 'bars/daily/ABC.csv.gz': text }), '2016-02-01T12:00:00Z', async (sandbox) => {
      const { status, body } = await ask(sandbox, raw('ABC', 'day', '2016-01-01', '2016-01-31'));
      expect(status).toBe(500);
      expect(body.error).toContain(`bars/daily/ABC.csv.gz: ${message}`);
    }),
  );
});

describeWithSharedData('real bars', (data) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({
      replay: data,
      now: Date.parse('2017-04-05T12:00:00Z'),
      symbols: undefined,
    });
    // The whole market lies beside the files of symbols, and is read at the start.
  }, 60_000);
  afterAll(() => sandbox.close());

  interface Row {
    readonly t: number;
    readonly [field: string]: number;
  }
  const fields = ({ o, h, l, c, v }: Row): (number | undefined)[] => [o, h, l, c, v];

  it.each(['AAPL', 'DRYS', 'BRCM', 'MSFT'])('%s: each day as in its file', async (symbol) => {
    const { body } = await ask(sandbox, raw(symbol, 'day', '2015-03-20', '2017-03-31'));
    const expected = dataRows(join(data, 'bars', 'daily', `${symbol}.csv.gz`))
      .map((line) => line.split(','))
      .filter((line) => Number(line[5]) > 0);
    expect(body.results.map((row: Row) => newYorkDate(row.t))).toEqual(expected.map(([date]) => date));
    expect(body.results.map(fields)).toEqual(expected.map((line) => line.slice(1).map(Number)));
  });

  it('AAPL hours of three years, paged by sixty minutes an hour', async () => {
    const lines = dataRows(join(data, 'bars', 'hourly', 'AAPL.csv.gz'))
      .map((line) => line.split(','))
      .filter(([ts]) => ts! >= '2014' && ts! < '2017');
    const seen: Row[] = [];
    let pages = 0;
    for (
      let next: string | undefined = raw('AAPL', 'hour', '2014-01-01', '2016-12-31');
      next !== undefined;
      pages++
    ) {
      const { body } = await ask(sandbox, next);
      expect(body.queryCount).toBeLessThanOrEqual(50_000);
      expect(body.resultsCount).toBeLessThanOrEqual(833);
      seen.push(...body.results);
      next = body.next_url && `${body.next_url}&adjusted=false`;
    }
    expect(pages).toBe(Math.ceil(lines.length / 833));
    expect(seen.map((row) => [row.t, ...fields(row)])).toEqual(
      lines.map(([ts, ...numbers]) => [Date.parse(ts!), ...numbers.map(Number)]),
    );
  });

  it('every symbol of a session at once, and the splits known by then', async () => {
    const { body } = await ask(sandbox, '/v2/aggs/grouped/locale/us/market/stocks/2016-06-24?adjusted=false');
    expect(body.resultsCount).toBeGreaterThan(300);
    expect(new Set(body.results.map(({ t }: Row) => t))).toEqual(
      new Set([Date.parse('2016-06-24T20:00:00Z')]),
    );
    const { rows } = await listed(sandbox, '/stocks/v1/splits?ticker=AAPL&limit=5000');
    expect(rows.map((row) => row['execution_date'])).toEqual(['2014-06-09', '2005-02-28', '2000-06-21']);
  });

  it('symbols that stopped trading are delisted, those that trade to the end are not', async () => {
    const { body } = await ask(sandbox, '/v3/reference/tickers/AAPL');
    expect(body.results).toMatchObject({ ticker: 'AAPL', active: true });
    expect((await ask(sandbox, '/v3/reference/tickers/BRCM')).status).toBe(404);
    const gone = await listed(sandbox, '/v3/reference/tickers?active=false&ticker=BRCM');
    expect(gone.rows).toHaveLength(1);
    const etf = await ask(sandbox, '/v3/reference/tickers/SPY');
    expect(etf.body.results).toMatchObject({ type: 'ETF' });
  });
});
