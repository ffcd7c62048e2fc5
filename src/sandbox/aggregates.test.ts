import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, range, startSandbox } from '../../test/support/sandbox.ts';
import { describeWithSharedData } from '../../test/support/shared-data.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

interface Row {
  readonly t: number;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  readonly v: number;
  readonly vw?: number;
  readonly n?: number;
}

async function rowsOf(path: string): Promise<Row[]> {
  const { body } = await ask(sandbox, path);
  return body.results;
}

/** Follows next_url, as a client that keeps the cursor does. */
async function followed(path: string, settings: string): Promise<{ rows: Row[]; pages: number }> {
  const rows: Row[] = [];
  let pages = 0;
  for (let next: string | undefined = `${path}?${settings}`; next !== undefined;) {
    const { body } = await ask(sandbox, next);
    rows.push(...(body.results ?? []));
    pages++;
    next = body.next_url === undefined ? undefined : `${body.next_url}&adjusted=false`;
  }
  return { rows, pages };
}

describe('known answers', () => {
  it('an hour bar for each hour from 04:00 to 19:00 New York, counted in minutes', async () => {
    const { body } = await ask(sandbox, range('AAPL', 'hour', '2026-08-07', '2026-08-07'));
    expect(body.resultsCount).toBe(16);
    expect(body.count).toBe(16);
    const hours = body.results.map(({ t }: Row) => new Date(t).toISOString().slice(0, 16));
    expect(hours[0]).toBe('2026-08-07T08:00');
    expect(hours.at(-1)).toBe('2026-08-07T23:00');
    const minutes = await rowsOf(range('AAPL', 'minute', '2026-08-07', '2026-08-07'));
    expect(body.queryCount).toBe(minutes.length);
  });

  it('the hour that the limit cuts off is left to the next page, which starts with it', async () => {
    const whole = await rowsOf(`${range('AAPL', 'hour', '2026-08-03', '2026-08-07')}?limit=50000`);
    const { body } = await ask(sandbox, `${range('AAPL', 'hour', '2026-08-03', '2026-08-07')}?limit=1000`);
    expect(body.queryCount).toBe(1000);
    expect(body.results).toEqual(whole.slice(0, body.resultsCount));
    expect(new URL(body.next_url).pathname).toBe(
      range('AAPL', 'hour', whole[body.resultsCount]!.t, '2026-08-07'),
    );
    const minutes = await rowsOf(`${range('AAPL', 'minute', '2026-08-03', '2026-08-07')}?limit=1000`);
    const cut = whole[body.resultsCount]!.t;
    expect(minutes.at(-1)!.t).toBeGreaterThanOrEqual(cut);
    expect(minutes.at(-1)!.t).toBeLessThan(cut + 3_600_000);
  });

  it('120 sessions of TSLA weeks: 25 bars and the Sunday after', async () => {
    const { body } = await ask(sandbox, `${range('TSLA', 'week', '2022-01-09', '2023-01-09')}?limit=120`);
    expect(body).toMatchObject({ queryCount: 120, resultsCount: 25 });
    expect(body.next_url).toBe(
      `${sandbox.url}${range('TSLA', 'week', 1656820800000, '2023-01-09')}?cursor=${Buffer.from('limit=120&sort=asc').toString('base64url')}`,
    );
  });

  it('two AAPL days: next_url begins the day after the last, a Saturday', async () => {
    const { body } = await ask(sandbox, `${range('AAPL', 'day', '2020-01-01', '2020-01-10')}?limit=2`);
    expect(body.next_url).toBe(
      `${sandbox.url}${range('AAPL', 'day', 1578114000000, '2020-01-10')}?cursor=bGltaXQ9MiZzb3J0PWFzYw`,
    );
  });

  it('months are stamped with the 1st at midnight New York on both sides of DST', async () => {
    const rows = await rowsOf(range('AAPL', 'month', '2023-01-01', '2023-04-30'));
    expect(rows.map(({ t }) => t)).toEqual([1672549200000, 1675227600000, 1677646800000, 1680321600000]);
  });

  describeWithSharedData('a recorded answer', (folder) => {
    const recorded = (): Record<string, unknown> & { results: Row[] } =>
      JSON.parse(readFileSync(`${folder}/api_samples/aggs_AAPL_1_day_2023-01-01_2023-01-10.json`, 'utf8'));

    it('has the same fields in the same order, counts and times', async () => {
      const { body, text } = await ask(sandbox, range('AAPL', 'day', '2023-01-01', '2023-01-10'));
      const sample = recorded();
      expect(Object.keys(body)).toEqual(Object.keys(sample));
      expect(Object.keys(body.results[0])).toEqual(Object.keys(sample.results[0]!));
      expect(body.results.map(({ t }: Row) => t)).toEqual(sample.results.map(({ t }) => t));
      for (const field of ['ticker', 'queryCount', 'resultsCount', 'adjusted', 'status', 'count']) {
        expect(body[field]).toEqual(sample[field]);
      }
      expect(text).toMatch(/"v":\d(\.\d+)?e\+0\d,/);
    });
  });
});

describe('a range', () => {
  it('is paged without a gap or a copy, whatever the limit', async () => {
    for (const [timespan, limit, from] of [
      ['hour', 5000, '2026-05-06'],
      ['hour', 1, '2026-07-31'],
      ['day', 7, '2026-05-06'],
      ['week', 6, '2026-05-06'],
      ['month', 30, '2026-05-06'],
    ] as const) {
      const path = range('BRK.B', timespan, from, '2026-08-03');
      const whole = await rowsOf(`${path}?limit=50000&adjusted=false`);
      const paged = await followed(path, `limit=${limit}&adjusted=false`);
      expect(paged.pages).toBeGreaterThan(1);
      expect(paged.rows).toEqual(whole);
    }
  });

  it('is answered newest first on demand, the same bars', async () => {
    for (const [timespan, limit] of [
      ['hour', 1000],
      ['day', 9],
      ['week', 12],
    ] as const) {
      const path = range('AAPL', timespan, '2026-03-04', '2026-04-01');
      const whole = await rowsOf(`${path}?limit=50000&adjusted=false`);
      const paged = await followed(path, `limit=${limit}&sort=desc&adjusted=false`);
      expect(paged.pages).toBeGreaterThan(1);
      expect(paged.rows).toEqual(whole.toReversed());
    }
  });

  it('falls back to a limit of 5000 when the cursor is lost', async () => {
    const { body } = await ask(sandbox, `${range('AAPL', 'hour', '2026-05-01', '2026-08-07')}?limit=50000`);
    expect(body.next_url).toBeUndefined();
    const lost = await ask(sandbox, range('AAPL', 'hour', '2026-05-01', '2026-08-07'));
    expect(lost.body.queryCount).toBe(5000);
    expect(lost.body.next_url).toContain(
      `cursor=${Buffer.from('limit=5000&sort=asc').toString('base64url')}`,
    );
  });

  it('does not remember adjusted=false in next_url', async () => {
    const first = await ask(
      sandbox,
      `${range('AAPL', 'day', '2020-01-01', '2020-01-10')}?limit=2&adjusted=false`,
    );
    expect(first.body.adjusted).toBe(false);
    expect((await ask(sandbox, first.body.next_url)).body.adjusted).toBe(true);
  });

  it('is snapped to whole windows', async () => {
    const [week, ...more] = await rowsOf(range('AAPL', 'week', '2026-07-15', '2026-07-16'));
    const days = await rowsOf(range('AAPL', 'day', '2026-07-12', '2026-07-18'));
    expect(more).toEqual([]);
    expect(days).toHaveLength(5);
    expect(week).toMatchObject({
      t: Date.parse('2026-07-12T04:00:00Z'),
      o: days[0]!.o,
      c: days[4]!.c,
      h: Math.max(...days.map(({ h }) => h)),
      l: Math.min(...days.map(({ l }) => l)),
    });
    expect(week!.v).toBeCloseTo(
      days.reduce((sum, { v }) => sum + v, 0),
      4,
    );
  });

  it('takes ms as well as dates', async () => {
    const hour = Date.parse('2026-08-06T14:00:00Z');
    const rows = await rowsOf(range('AAPL', 'hour', hour + 1_800_000, hour + 3_600_000));
    expect(rows.map(({ t }) => t)).toEqual([hour, hour + 3_600_000]);
  });

  it('knows quarters and years', async () => {
    const quarters = await rowsOf(range('AAPL', 'quarter', '2024-02-01', '2024-12-31'));
    const years = await rowsOf(range('AAPL', 'year', '2024-02-01', '2024-12-31'));
    expect(quarters.map(({ t }) => new Date(t).toISOString().slice(0, 10))).toEqual([
      '2024-01-01',
      '2024-04-01',
      '2024-07-01',
      '2024-10-01',
    ]);
    expect(years).toHaveLength(1);
    expect(years[0]!.h).toBe(Math.max(...quarters.map(({ h }) => h)));
  });

  it('has the bars of an unfinished day up to now', async () => {
    const before = sandbox.now();
    sandbox.setNow(Date.parse('2026-08-07T15:30:30Z'));
    const minutes = await rowsOf(range('AAPL', 'minute', '2026-08-07', '2026-08-07'));
    const hours = await rowsOf(range('AAPL', 'hour', '2026-08-07', '2026-08-07'));
    const [day] = await rowsOf(range('AAPL', 'day', '2026-08-07', '2026-08-07'));
    sandbox.setNow(before);
    expect(minutes.at(-1)!.t).toBeLessThanOrEqual(Date.parse('2026-08-07T15:30:00Z'));
    expect(hours.at(-1)!.t).toBe(Date.parse('2026-08-07T15:00:00Z'));
    const regular = minutes.filter(({ t }) => t >= Date.parse('2026-08-07T13:30:00Z'));
    expect(day).toMatchObject({
      t: Date.parse('2026-08-07T04:00:00Z'),
      o: regular[0]!.o,
      c: minutes.at(-1)!.c,
      h: Math.max(...regular.map(({ h }) => h)),
      l: Math.min(...regular.map(({ l }) => l)),
    });
    const [finished] = await rowsOf(range('AAPL', 'day', '2026-08-07', '2026-08-07'));
    expect(finished!.v).toBeGreaterThan(day!.v);
  });

  it.each(['XXXX', 'aapl', 'BRK-B', 'BRK%2FB'])(
    'of %s, which is no ticker, is 200 without results',
    async (symbol) => {
      const { status, body } = await ask(sandbox, range(symbol, 'day', '2026-08-03', '2026-08-07'));
      expect(status).toBe(200);
      expect(body).toEqual({
        ticker: decodeURIComponent(symbol),
        queryCount: 0,
        resultsCount: 0,
        adjusted: true,
        status: 'OK',
        request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    },
  );

  it('of a ticker with a slash is an unknown path', async () => {
    const { status, headers } = await ask(sandbox, range('BRK/B', 'day', '2026-08-03', '2026-08-07'));
    expect([status, headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
  });

  it.each([
    [
      range('AAPL', 'day', 'x', '2026-08-07'),
      "Could not parse the time parameter: 'from'. Use YYYY-MM-DD or Unix MS Timestamps",
    ],
    [
      range('AAPL', 'day', '2026-08-07', '2026-02-30'),
      "Could not parse the time parameter: 'to'. Use YYYY-MM-DD or Unix MS Timestamps",
    ],
    [
      range('AAPL', 'day', '2026-08-07', '2026-08-06'),
      "The parameter 'to' cannot be a time that occurs before 'from'",
    ],
    [
      `${range('AAPL', 'day', '2026-08-06', '2026-08-07')}?limit=50001`,
      "The parameter 'limit' must be a whole number from 1 to 50000",
    ],
    [
      `${range('AAPL', 'day', '2026-08-06', '2026-08-07')}?sort=up`,
      "The parameter 'sort' must be asc or desc",
    ],
    [
      range('AAPL', 'fortnight', '2026-08-06', '2026-08-07'),
      "Could not parse the parameter 'timespan': fortnight",
    ],
    [
      range('AAPL', 'day', '2026-08-06', '2026-08-07').replace('range/1', 'range/5'),
      "The sandbox serves the parameter 'multiplier' 1 only",
    ],
  ])('is refused with 400 for %s', async (path, error) => {
    const { status, body, headers } = await ask(sandbox, path);
    expect(status).toBe(400);
    expect(body).toEqual({ status: 'ERROR', request_id: headers.get('x-request-id'), error });
  });
});

describe('adjusted=true', () => {
  it('divides by the splits executed until today and rounds to four decimals', async () => {
    const { body } = await ask(sandbox, '/stocks/v1/splits?ticker=AAPL&sort=execution_date.asc&limit=5000');
    type Split = { execution_date: string; split_from: number; split_to: number };
    const executed = (body.results as Split[]).filter(
      ({ execution_date: date }, at, all) =>
        date > '1998-01-08' && date <= '2026-08-08' && date !== all[at - 1]?.execution_date,
    );
    expect(executed.length).toBeGreaterThan(0);
    const path = range('AAPL', 'day', '1998-01-02', '1998-01-08');
    const raw = await rowsOf(`${path}?adjusted=false`);
    const adjusted = await rowsOf(path);
    const from = executed.reduce((product, split) => product * split.split_from, 1);
    const to = executed.reduce((product, split) => product * split.split_to, 1);
    expect(from).not.toBe(to);
    for (const [at, row] of raw.entries()) {
      expect(adjusted[at]!.c).toBe(Math.round((row.c * from * 1e4) / to) / 1e4);
      expect(adjusted[at]!.v).toBeCloseTo((row.v * to) / from, 4);
    }
  });
});
