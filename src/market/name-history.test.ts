import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from './date.ts';
import { type NameSpan, type SymbolChange, createNameHistory, holdsWithin } from './name-history.ts';

const change = (oldSymbol: string, newSymbol: string, lastSession: string): SymbolChange => ({
  oldSymbol,
  newSymbol,
  lastSession,
  source: 'x',
});
const span = (symbol: string, after: string | null, until: string | null): NameSpan => ({
  symbol,
  after,
  until,
});

// Real ones, out of order.
const history = createNameHistory([
  change('DDAY', 'FNCX', '2016-06-10'),
  change('QQQQ', 'QQQ', '2011-03-22'),
  change('ISIS', 'IONS', '2015-12-21'),
  change('VGGL', 'DDAY', '2016-01-27'),
  change('QQQ', 'QQQQ', '2004-11-30'),
]);

describe('the other names of a symbol', () => {
  it('are those before and after it', () => {
    expect(history.otherNames('IONS')).toEqual([span('ISIS', null, '2015-12-21')]);
    expect(history.otherNames('ISIS')).toEqual([span('IONS', '2015-12-21', null)]);
    expect(history.otherNames('AAPL')).toEqual([]);
  });

  it('are followed through several changes', () => {
    const [vggl, dday, fncx] = [
      span('VGGL', null, '2016-01-27'),
      span('DDAY', '2016-01-27', '2016-06-10'),
      span('FNCX', '2016-06-10', null),
    ];
    expect(history.otherNames('VGGL')).toEqual([dday, fncx]);
    expect(history.otherNames('DDAY')).toEqual([vggl, fncx]);
    expect(history.otherNames('FNCX')).toEqual([vggl, dday]);
  });

  it('are told once for each time they held, when a name comes back', () => {
    expect(history.otherNames('QQQ')).toEqual([span('QQQQ', '2004-11-30', '2011-03-22')]);
    expect(history.otherNames('QQQQ')).toEqual([
      span('QQQ', null, '2004-11-30'),
      span('QQQ', '2011-03-22', null),
    ]);
  });

  it('leave it the times at which it was its own', () => {
    expect(history.ownSpans('QQQ')).toEqual([
      span('QQQ', null, '2004-11-30'),
      span('QQQ', '2011-03-22', null),
    ]);
    expect(history.ownSpans('DDAY')).toEqual([span('DDAY', '2016-01-27', '2016-06-10')]);
    expect(history.ownSpans('AAPL')).toEqual([]);
  });

  it('are kept apart when a name passes from one to another, on the same day or later', () => {
    const sameDay = createNameHistory([change('A', 'B', '2020-01-02'), change('B', 'C', '2020-01-02')]);
    expect(sameDay.otherNames('A')).toEqual([span('B', '2020-01-02', null)]);
    expect(sameDay.otherNames('C')).toEqual([span('B', null, '2020-01-02')]);
    const later = createNameHistory([change('B', 'C', '2019-01-02'), change('A', 'B', '2020-01-02')]);
    expect(later.otherNames('A')).toEqual([span('B', '2020-01-02', null)]);
    expect(later.otherNames('C')).toEqual([span('B', null, '2019-01-02')]);
    expect(later.otherNames('B')).toEqual([span('A', null, '2020-01-02'), span('C', '2019-01-02', null)]);
  });

  it('are swapped when two symbols swap', () => {
    const swapped = createNameHistory([change('A', 'B', '2020-01-02'), change('B', 'A', '2020-01-02')]);
    expect(swapped.otherNames('A')).toEqual([span('B', null, '2020-01-02'), span('B', '2020-01-02', null)]);
  });
});

describe('the names to look under on a date', () => {
  it.each([
    ['ISIS', '2015-12-21', []],
    ['ISIS', '2015-12-22', ['IONS']],
    ['IONS', '2015-12-21', ['ISIS']],
    ['IONS', '2015-12-22', []],
    ['VGGL', '2016-01-28', ['DDAY']],
    ['VGGL', '2016-06-13', ['FNCX']],
    ['DDAY', '2015-01-02', ['VGGL']],
    ['QQQ', '2004-11-30', []],
    ['QQQ', '2010-01-04', ['QQQQ']],
    ['QQQ', '2011-03-23', []],
    ['QQQQ', '2004-11-30', ['QQQ']],
    ['AAPL', '2015-12-22', []],
  ])('of %s on %s are %j', (symbol, date, names) => {
    expect(history.namesOn(symbol, date).map((name) => name.symbol)).toEqual(names);
  });

  it('are all those that may be meant while a name passes on', () => {
    const passed = createNameHistory([change('B', 'C', '2019-01-02'), change('A', 'B', '2020-01-02')]);
    expect(passed.namesOn('B', '2019-06-03').map((name) => name.symbol)).toEqual(['A', 'C']);
    expect(passed.namesOn('B', '2018-06-01')).toEqual([]);
    expect(passed.namesOn('B', '2020-06-01')).toEqual([]);
  });
});

describe('a name', () => {
  it.each([
    ['2016-01-27', '2016-01-27', false],
    ['2016-01-27', '2016-01-28', true],
    ['2016-06-10', '2016-12-30', true],
    ['2016-06-11', undefined, false],
    [undefined, '2016-01-27', false],
    [undefined, undefined, true],
  ])('held after 2016-01-27 until 2016-06-10: within %s to %s is %s', (from, to, holds) => {
    expect(holdsWithin(span('DDAY', '2016-01-27', '2016-06-10'), from, to)).toBe(holds);
  });
});

describe('any set of changes', () => {
  const symbol = fc.constantFrom('A', 'B', 'C', 'D');
  const day = fc.integer({ min: 0, max: 5 }).map((days) => addDays('2020-01-02', days));
  const anyChange = fc.record({
    oldSymbol: symbol,
    newSymbol: symbol,
    lastSession: day,
    source: fc.constant('x'),
  });

  it('comes to an end, and each change is told from both its sides when its symbols differ', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), (changes) => {
        const { otherNames, namesOn } = createNameHistory(changes);
        for (const { oldSymbol, newSymbol, lastSession } of changes.filter(
          (one) => one.oldSymbol !== one.newSymbol,
        )) {
          expect(otherNames(oldSymbol)).toContainEqual(
            expect.objectContaining({ symbol: newSymbol, after: lastSession }),
          );
          expect(otherNames(newSymbol)).toContainEqual(
            expect.objectContaining({ symbol: oldSymbol, until: lastSession }),
          );
          expect(namesOn(oldSymbol, lastSession).map((name) => name.symbol)).not.toContain(oldSymbol);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same in any order', () => {
    const oneAday = fc.uniqueArray(anyChange, {
      maxLength: 12,
      selector: ({ oldSymbol, lastSession }) => `${oldSymbol} ${lastSession}`,
    });
    const unambiguous = oneAday.map((changes) => [
      ...new Map(changes.map((one) => [`${one.newSymbol} ${one.lastSession}`, one])).values(),
    ]);
    fc.assert(
      fc.property(unambiguous, fc.infiniteStream(fc.nat()), (changes, keys) => {
        const shuffled = changes
          .map((one) => ({ one, key: keys.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ one }) => one);
        for (const name of ['A', 'B', 'C', 'D'])
          expect(createNameHistory(shuffled).otherNames(name)).toEqual(
            createNameHistory(changes).otherNames(name),
          );
      }),
    );
  });
});
