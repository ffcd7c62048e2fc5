import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { grouped, raw } from '../../../test/support/replay-folder.ts';
import { ask, startSandbox } from '../../../test/support/sandbox.ts';
import { sessionsBetween } from '../../market/calendar.ts';
import { newYorkDate } from '../../market/new-york.ts';
import type { Sandbox } from '../sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ symbols: 200 });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.setFaults([]));

interface Row {
  readonly T: string;
  readonly t: number;
}

const [from, to] = ['2026-07-27', '2026-08-07'];
const sessions = sessionsBetween(from, to);

async function sessionsOf(symbol: string, timespan: 'day' | 'hour'): Promise<string[]> {
  const { body } = await ask(sandbox, raw(symbol, timespan, from, to));
  return [...new Set<string>((body.results ?? []).map((row: Row) => newYorkDate(row.t)))];
}

async function symbolsOn(date: string): Promise<Set<string>> {
  const { body } = await ask(sandbox, grouped(date));
  return new Set<string>((body.results ?? []).map(({ T }: Row) => T));
}

/** The routes that lack AAPL's bars of 2026-08-04. */
async function lacking(): Promise<string[]> {
  const date = '2026-08-04';
  const has: [string, boolean][] = [
    ['range', (await sessionsOf('AAPL', 'day')).includes(date)],
    ['grouped', (await symbolsOn(date)).has('AAPL')],
    ['hourly', (await sessionsOf('AAPL', 'hour')).includes(date)],
  ];
  return has.filter(([, there]) => !there).map(([route]) => route);
}

describe('a hole', () => {
  it.each([
    ['everywhere', ['range', 'grouped', 'hourly']],
    ['daily', ['range', 'grouped']],
    ['range', ['range']],
    ['grouped', ['grouped']],
    ['hourly', ['hourly']],
  ])('in %s is missing from %j, on every ask', async (place, expected) => {
    expect(await lacking()).toEqual([]);
    sandbox.setFaults([`hole=symbols:AAPL+TSLA,from:2026-08-04,to:2026-08-05,in:${place}`]);
    for (let time = 0; time < 3; time++) expect(await lacking()).toEqual(expected);
  });

  it('takes away just the sessions it is about, of just its symbols', async () => {
    sandbox.setFaults(['hole=symbols:AAPL,from:2026-08-04,to:2026-08-05']);
    const left = sessions.filter((date) => date !== '2026-08-04' && date !== '2026-08-05');
    expect(await sessionsOf('AAPL', 'day')).toEqual(left);
    expect(await sessionsOf('AAPL', 'hour')).toEqual(left);
    expect(await sessionsOf('MSFT', 'day')).toEqual(sessions);
    expect(await symbolsOn('2026-08-06')).toContain('AAPL');
    const day = await ask(sandbox, grouped('2026-08-04'));
    expect(day.body).toMatchObject({ resultsCount: day.body.results.length, count: day.body.results.length });
  });

  it('that swallows all of an answer leaves it without results, as the vendor does', async () => {
    sandbox.setFaults(['hole=symbols:AAPL']);
    const { body } = await ask(sandbox, raw('AAPL', 'day', from, to));
    expect(body).toEqual({
      ticker: 'AAPL',
      queryCount: 0,
      resultsCount: 0,
      adjusted: false,
      status: 'OK',
      request_id: expect.any(String),
    });
    expect((await ask(sandbox, '/v2/aggs/ticker/AAPL/prev')).body.resultsCount).toBe(0);
  });

  it('hits a part of the symbols, the same ones by day and by symbol and the next time', async () => {
    const all = await symbolsOn('2026-08-04');
    sandbox.setFaults(['hole=percent:10,to:2026-08-04']);
    const left = await symbolsOn('2026-08-04');
    const missing = [...all].filter((symbol) => !left.has(symbol));
    expect(missing.length).toBeGreaterThan(all.size * 0.04);
    expect(missing.length).toBeLessThan(all.size * 0.18);
    expect(await symbolsOn('2026-08-03')).toEqual(left);
    expect(await symbolsOn('2026-08-05')).toEqual(all);
    for (const symbol of missing) expect(await sessionsOf(symbol, 'day')).toEqual(sessions.slice(-3));
    sandbox.setFaults(['hole=percent:10']);
    expect(await symbolsOn('2026-08-04')).toEqual(left);
  });

  it('may be one of several, and be bounded as any fault', async () => {
    sandbox.setFaults([
      'hole=symbols:AAPL,from:2026-08-03,to:2026-08-03,in:range',
      'hole=symbols:MSFT,in:range,times:1',
    ]);
    expect(await sessionsOf('AAPL', 'day')).toEqual(sessions.filter((date) => date !== '2026-08-03'));
    expect(await sessionsOf('MSFT', 'day')).toEqual([]);
    expect(await sessionsOf('MSFT', 'day')).toEqual(sessions);
  });

  it.each([
    ['percent:101', 'percent was "101"'],
    ['from:2026', 'from was "2026"'],
    ['in:weekly', 'in was "weekly"'],
    ['symbols:A++B', 'symbols was "A++B"'],
    ['route:splits', 'it does not happen on "splits"'],
  ])('refuses %s', (text, message) => {
    expect(() => sandbox.setFaults([`hole=${text}`])).toThrow(message);
  });
});
