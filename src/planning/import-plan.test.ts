import { describe, expect, it } from 'vitest';
import type { KnownSymbol } from '../market/coverage.ts';
import { type Timeframe, timeframes } from '../market/timeframe.ts';
import { type AskedBars, askBars } from './asked-bars.ts';
import { type ImportPlan, type PlanningFacts, planRequests } from './import-plan.ts';
import { reportPlan } from './plan-report.ts';

const lookbackDays = { hourly: 90, daily: 365, weekly: 730, monthly: 1825 };
const friday = '2026-11-20';
const names = (count: number, prefix = 'S'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const ask = (symbols: readonly string[], asked: readonly Timeframe[] = timeframes): AskedBars =>
  askBars(symbols, asked, { lookbackDays }, friday);
const days: readonly Timeframe[] = ['daily', 'weekly', 'monthly'];

/** Everything answered before a date, the last session before it provisional. */
const through = (provisional: string, before: string): KnownSymbol => {
  const coverage = {
    sessions: [{ from: '2020-01-02', before }],
    provisional: [{ from: provisional, before }],
  };
  return {
    covered: { daily: coverage, hourly: coverage },
    isHeardOf: true,
    listedOn: null,
    delistedOn: null,
  };
};

const plan = (asked: AskedBars, facts: Partial<PlanningFacts> = {}): ImportPlan =>
  planRequests(asked, {
    known: new Map(),
    refused: {},
    finalThrough: '2026-11-19',
    refresh: false,
    ...facts,
  });

describe('planning the requests of a run', () => {
  it('asks a new universe one range a symbol and base timeframe', () => {
    const first = plan(ask(names(503)));
    expect(first.requests).toBe(1006);
    expect(first.days).toEqual([]);
    expect(first.ranges.get('S7')?.map(({ timeframe, range }) => [timeframe, range])).toEqual([
      ['hourly', { from: '2026-08-24', to: friday }],
      ['daily', { from: '2021-11-01', to: friday }],
    ]);
    expect(reportPlan(first, 12.12)).toMatchObject({
      requests: 1007,
      by_route: { grouped_daily: 0, range_daily: 503, range_hourly: 503, splits: 1 },
      naive_requests: 2012,
      seconds_estimate: 13,
      symbols: 503,
      symbols_asked: 503,
    });
  });

  it('asks two days of all stocks on a nightly run, the newest first', () => {
    const symbols = names(517);
    const known = new Map(symbols.map((symbol) => [symbol, through('2026-11-19', friday)]));
    const nightly = plan(ask(symbols, days), { known });
    expect(nightly.days.map(({ session }) => session)).toEqual([friday, '2026-11-19']);
    expect(nightly.days[0]?.wantedBy.flat()).toEqual(symbols);
    expect(nightly.ranges.size).toBe(0);
    expect(reportPlan(nightly, 12.12)).toMatchObject({
      requests: 3,
      sessions_asked: 2,
      bytes_estimate: 2_600_000,
    });
  });

  it('asks one day for each session missed and one range for each new symbol', () => {
    const [old, fresh] = [names(500, 'OLD'), names(20, 'NEW')];
    const known = new Map(old.map((symbol) => [symbol, through('2026-11-17', '2026-11-18')]));
    const catchUp = plan(ask([...old, ...fresh], days), { known });
    // Three sessions missed and the one before them, which was not final.
    expect(reportPlan(catchUp, 12.12)).toMatchObject({
      requests: 25,
      by_route: { grouped_daily: 4, range_daily: 20, splits: 1 },
    });
  });

  it('asks hours of new and of provisional sessions in one range', () => {
    const known = new Map([['A', through('2026-11-18', '2026-11-19')]]);
    const { ranges } = plan(ask(['A'], ['hourly']), { known });
    expect(ranges.get('A')?.map(({ range }) => range)).toEqual([{ from: '2026-11-18', to: friday }]);
  });

  it('asks nothing when all is there, and everything again when told to', () => {
    const known = new Map([['A', through(friday, '2026-11-23')]]);
    expect(plan(ask(['A']), { known })).toMatchObject({ requests: 0, days: [], absences: [] });
    expect(plan(ask(['A']), { known, refresh: true }).requests).toBe(2);
  });

  it('asks nothing of a delisted symbol, but remembers that it has no bars', () => {
    const gone = { covered: {}, isHeardOf: true, listedOn: null, delistedOn: '2020-05-01' };
    const { requests, absences } = plan(ask(['GONE'], ['daily']), { known: new Map([['GONE', gone]]) });
    expect(requests).toBe(0);
    expect(absences).toMatchObject([{ symbol: 'GONE', timeframe: 'daily' }]);
    expect(absences[0]?.sessions.at(-1)).toBe(friday);
  });

  it('puts 12,000 symbols over ten years together in one plan', () => {
    const symbols = names(12_000);
    const asked = askBars(symbols, ['daily'], { from: '2016-11-21', to: friday }, friday);
    expect(plan(asked).days).toHaveLength(asked.spans[0]!.sessions.length);
  });
});
