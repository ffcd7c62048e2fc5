import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSession, sessionsBetween } from '../../../src/market/calendar.ts';
import { newYorkInstant } from '../../../src/market/new-york.ts';
import type { Bar, SymbolFacts, Timeframe } from '../api/types.ts';
import { type Column, placeOf, placeWords, toColumns } from './places.ts';

const stampOf = (session: string, hour: number): string =>
  new Date(newYorkInstant(session, hour)).toISOString().replace('.000Z', 'Z');
const bar = (date: string): Bar => ({
  date,
  open: 1,
  high: 2,
  low: 0.5,
  close: 1.5,
  volume: 10,
  vwap: null,
  trades: null,
  final: true,
});
/** The days around each change of the clocks. */
const changes = Array.from({ length: 20 }, (_, n) => 2007 + n).flatMap((year) => [
  ...sessionsBetween(`${year}-03-04`, `${year}-03-18`),
  ...sessionsBetween(`${year}-10-28`, `${year}-11-11`),
]);

describe('the place of a bar', () => {
  it('is the hour that New York’s clocks show, on either side of every change of them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...changes), fc.integer({ min: 4, max: 19 }), (session, hour) => {
        const place = placeOf(stampOf(session, hour));
        expect(new Date(place * 1000).toISOString()).toBe(
          `${session}T${String(hour).padStart(2, '0')}:00:00.000Z`,
        );
        expect(placeWords(place, 'hourly')).toContain(`${String(hour).padStart(2, '0')}:00 New York`);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the order of bars and lets none fall on another', () => {
    const hours = changes.flatMap((session) =>
      Array.from({ length: 16 }, (_, n) => placeOf(stampOf(session, 4 + n))),
    );
    expect(hours).toEqual([...new Set(hours)].toSorted((a, b) => a - b));
  });

  it('of a day is that day, wherever it is read', () => {
    expect(placeWords(placeOf('2026-03-08'), 'daily')).toBe('Sun, Mar 8, 2026');
    expect(placeWords(placeOf('2026-03-01'), 'weekly')).toBe('Week of Mar 1, 2026');
    expect(placeWords(placeOf('2026-11-01'), 'monthly')).toBe('November 2026');
  });
});

describe('the columns of a chart', () => {
  const facts = (about: Partial<SymbolFacts>): SymbolFacts => ({
    symbol: 'AAPL',
    name: null,
    listed_on: null,
    delisted_on: null,
    coverage: [],
    absences: [],
    gaps: [],
    splits: [],
    rejects: [],
    rejects_total: 0,
    renames: [],
    ...about,
  });
  const gap = (timeframe: 'daily' | 'hourly', reason: string, ...sessions: string[]) => ({
    timeframe,
    reason,
    why: reason,
    evidence: 'so it is',
    from: sessions[0]!,
    to: sessions.at(-1)!,
    sessions,
  });
  const split = (date: string, isApplied = true): SymbolFacts['splits'][number] => ({
    date,
    from: 1,
    to: 4,
    verdict: isApplied ? 'confirmed' : 'held',
    is_applied: isApplied,
    why: '',
  });
  const reject = (timeframe: 'daily' | 'hourly', session: string, startsAt: string) => ({
    timeframe,
    session,
    starts_at: startsAt,
    open: 0,
    high: null,
    low: null,
    close: null,
    volume: null,
    rule: 'open is not above 0',
    run_id: 'r',
  });
  const shown = (columns: readonly Column[], timeframe: Timeframe): string[] =>
    columns.map(({ place, bar: one, marks }) =>
      [placeWords(place, timeframe), one === null ? 'blank' : 'bar', ...marks.map(({ kind }) => kind)].join(
        ' ',
      ),
    );
  const bars = ['2025-03-06', '2025-03-07', '2025-03-11'].map(bar);

  it('are the bars alone where nothing happened: no weekend, no holiday', () => {
    fc.assert(
      fc.property(fc.subarray(changes.filter(isSession), { minLength: 1 }), (sessions) => {
        const columns = toColumns(sessions.map(bar), facts({}), 'daily', null);
        expect(columns.map(({ bar: one }) => one?.date)).toEqual(sessions);
      }),
      { numRuns: 50 },
    );
    expect(toColumns([], facts({ gaps: [gap('daily', 'no_trade', '2025-03-06')] }), 'daily', null)).toEqual(
      [],
    );
  });

  it('have a blank for each session without a bar since the first bar, also after the last', () => {
    const known = facts({
      gaps: [
        gap('daily', 'unexplained', '2025-03-12', '2025-03-13'),
        gap('daily', 'no_trade', '2025-03-10'),
        gap('daily', 'not_listed', '2025-03-04', '2025-03-05'),
        gap('daily', 'no_trade', '2025-03-03'),
        gap('hourly', 'no_trade', '2025-03-14'),
      ],
    });
    expect(shown(toColumns(bars, known, 'daily', null), 'daily')).toEqual([
      'Thu, Mar 6, 2025 bar',
      'Fri, Mar 7, 2025 bar',
      'Mon, Mar 10, 2025 blank gap',
      'Tue, Mar 11, 2025 bar',
      'Wed, Mar 12, 2025 blank gap',
      'Thu, Mar 13, 2025 blank gap',
    ]);
    expect(shown(toColumns(bars, known, 'daily', '2025-03-11'), 'daily')).toHaveLength(4);
    const hours = toColumns(
      [bar(stampOf('2025-03-13', 19)), bar(stampOf('2025-03-17', 4))],
      known,
      'hourly',
      null,
    );
    expect(shown(hours, 'hourly')).toEqual([
      'Thu, Mar 13, 2025, 19:00 New York bar',
      'Fri, Mar 14, 2025, 09:00 New York blank gap',
      'Mon, Mar 17, 2025, 04:00 New York bar',
    ]);
  });

  it('mark rejected bars where they belong, beside a bar that came later or on their own', () => {
    const known = facts({
      rejects: [
        reject('daily', '2025-03-07', '2025-03-07T05:00:00Z'),
        reject('daily', '2025-03-10', '2025-03-10T04:00:00Z'),
        reject('hourly', '2025-03-10', '2025-03-10T14:00:00Z'),
      ],
    });
    expect(shown(toColumns(bars, known, 'daily', null), 'daily')).toEqual([
      'Thu, Mar 6, 2025 bar',
      'Fri, Mar 7, 2025 bar reject',
      'Mon, Mar 10, 2025 blank reject',
      'Tue, Mar 11, 2025 bar',
    ]);
    const [, hour] = toColumns([bar(stampOf('2025-03-10', 9))], known, 'hourly', null);
    expect(hour).toMatchObject({ place: placeOf('2025-03-10') + 10 * 3600, bar: null });
  });

  it('mark a split on the first bar in new shares, and on the week or month it fell in', () => {
    const known = facts({ splits: [split('2025-03-10'), split('2025-03-06', false), split('2024-01-02')] });
    expect(shown(toColumns(bars, known, 'daily', null), 'daily')).toEqual([
      'Thu, Mar 6, 2025 bar unapplied',
      'Fri, Mar 7, 2025 bar',
      'Tue, Mar 11, 2025 bar split',
    ]);
    const weeks = toColumns([bar('2025-03-02'), bar('2025-03-09')], known, 'weekly', null);
    expect(shown(weeks, 'weekly')).toEqual([
      'Week of Mar 2, 2025 bar unapplied',
      'Week of Mar 9, 2025 bar split',
    ]);
    const hour = bar(stampOf('2025-03-10', 4));
    expect(toColumns([hour], known, 'hourly', null)[0]?.marks).toHaveLength(1);
    expect(toColumns([bar('2025-03-11')], known, 'daily', null)[0]?.marks).toEqual([]);
    expect(toColumns([bar(stampOf('2025-03-07', 19)), hour], known, 'hourly', null).at(-1)).toMatchObject({
      bar: hour,
      marks: [{ kind: 'split', label: '4:1', text: 'split 4 for 1' }],
    });
  });
});
