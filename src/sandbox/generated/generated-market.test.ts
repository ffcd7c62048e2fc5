import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { predefinedNames, readPredefined } from '../../universe/predefined.ts';
import { type BarColumns, createBars } from '../bar-columns.ts';
import type { BaseTimespan, Market } from '../market.ts';
import { closeMinuteOf, midnightOf, sessionDates, sessionFrom, sessionUpTo } from '../sessions.ts';
import { createGeneratedMarket } from './generated-market.ts';

const now = Date.UTC(2026, 7, 8, 12);
const columns = ['startsAt', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'baseBars'] as const;

let market: Market;
beforeAll(() => {
  market = createGeneratedMarket(1, undefined);
});

function bars(of: Market, symbol: string, timespan: BaseTimespan, from: string, to = from): BarColumns {
  const drawn = createBars();
  for (let session = sessionFrom(from); session <= sessionUpTo(to); session++) {
    of.findSeries(symbol)!.append(timespan, session, now, drawn);
  }
  return drawn;
}

function digest(drawn: BarColumns): string {
  const hash = createHash('sha256');
  for (const name of columns) hash.update(drawn[name].slice(0, drawn.length));
  return hash.digest('hex');
}

describe('a generated market', () => {
  it('is the same on every machine for the same seed', () => {
    // A change of the generator changes these; nothing else may.
    const drawn = (['minute', 'hour', 'day'] as const).map((timespan) =>
      digest(bars(createGeneratedMarket(7, ['AAPL']), 'AAPL', timespan, '2024-11-18', '2024-12-31')),
    );
    expect(drawn).toMatchInlineSnapshot(`
      [
        "8c75eb994716a37c4e69565268abbbf2ca41fbe4c08cf870c7e64d5d39055b2c",
        "c11b7b022ada6ae192d8f8f3f69a9fa70537869b23c53ff47c1f2d841d14fdf2",
        "036e494dd097872382648e982b1b008d3f2abe55f6015dc664ebc5f5fe0b4a76",
      ]
    `);
  });

  it('is another one for another seed, also for symbols that differ in case only', () => {
    const other = createGeneratedMarket(2, ['AAPL', 'BCPC', 'BCpC']);
    const week = ['2026-08-03', '2026-08-07'] as const;
    expect(digest(bars(other, 'AAPL', 'day', ...week))).not.toBe(
      digest(bars(market, 'AAPL', 'day', ...week)),
    );
    expect(digest(bars(other, 'BCPC', 'day', ...week))).not.toBe(digest(bars(other, 'BCpC', 'day', ...week)));
  });

  it('draws a bar alike whatever else is asked, and in which order', () => {
    const [alone, before] = [createBars(), createBars()];
    const session = sessionFrom('2026-08-05');
    for (const at of [session + 1, session, session - 1]) {
      alone.length = 0;
      createGeneratedMarket(1, ['MSFT', 'AAPL']).findSeries('AAPL')!.append('day', at, now, alone);
      const whole = bars(market, 'AAPL', 'day', '2020-01-02', sessionDates[at]!);
      before.length = 0;
      for (const name of columns) expect(alone[name][0]).toEqual(whole[name][whole.length - 1]);
    }
  });

  it('trades 200 to 700 minutes a session between 04:00 and 19:59, most of them in the regular session', () => {
    for (const symbol of ['AAPL', 'ZTS', 'BCPC', 'BRK.B']) {
      for (const date of ['2025-03-07', '2025-03-10', '2025-11-28', '2026-08-07']) {
        const session = sessionFrom(date);
        const drawn = bars(market, symbol, 'minute', date);
        expect(drawn.length).toBeGreaterThanOrEqual(200);
        expect(drawn.length).toBeLessThanOrEqual(700);
        const minutes = [...drawn.startsAt.subarray(0, drawn.length)].map(
          (at) => (at - midnightOf(session)) / 60_000,
        );
        expect(minutes).toEqual([...new Set(minutes)].toSorted((a, b) => a - b));
        expect(minutes[0]).toBeGreaterThanOrEqual(240);
        expect(minutes.at(-1)).toBeLessThan(closeMinuteOf(session) + 240);
        const regular = minutes.filter((minute) => minute >= 570 && minute < closeMinuteOf(session));
        expect(regular.length * 2).toBeGreaterThan(minutes.length);
      }
    }
  });

  it('rolls its hours up from its minutes', () => {
    const minutes = bars(market, 'AAPL', 'minute', '2026-08-07');
    const hours = bars(market, 'AAPL', 'hour', '2026-08-07');
    for (let hour = 0; hour < hours.length; hour++) {
      const start = hours.startsAt[hour]!;
      const own = [...minutes.startsAt.subarray(0, minutes.length).keys()].filter(
        (at) => minutes.startsAt[at]! >= start && minutes.startsAt[at]! < start + 3_600_000,
      );
      expect(hours.baseBars[hour]).toBe(own.length);
      expect(hours.open[hour]).toBe(minutes.open[own[0]!]);
      expect(hours.close[hour]).toBe(minutes.close[own.at(-1)!]);
      expect(hours.high[hour]).toBe(Math.max(...own.map((at) => minutes.high[at]!)));
      expect(hours.low[hour]).toBe(Math.min(...own.map((at) => minutes.low[at]!)));
      expect(hours.volume[hour]).toBeCloseTo(
        own.reduce((sum, at) => sum + minutes.volume[at]!, 0),
        6,
      );
    }
  });

  it('makes its days of regular prices and of at least the volume of all minutes', () => {
    for (const symbol of ['AAPL', 'ZTS', 'BCpC', 'BRK.B']) {
      for (let session = sessionFrom('2024-11-25'); session <= sessionFrom('2025-03-31'); session++) {
        const date = sessionDates[session]!;
        const minutes = bars(market, symbol, 'minute', date);
        const day = bars(market, symbol, 'day', date);
        const opens = midnightOf(session) + 570 * 60_000;
        const closes = midnightOf(session) + closeMinuteOf(session) * 60_000;
        let [first, last, high, low, volume] = [-1, -1, 0, Number.POSITIVE_INFINITY, 0];
        for (let at = 0; at < minutes.length; at++) {
          volume += minutes.volume[at]!;
          if (minutes.startsAt[at]! < opens || minutes.startsAt[at]! >= closes) continue;
          if (first === -1) first = at;
          last = at;
          high = Math.max(high, minutes.high[at]!);
          low = Math.min(low, minutes.low[at]!);
        }
        const expected = [minutes.open[first], high, low, minutes.close[last]];
        expect([day.open[0], day.high[0], day.low[0], day.close[0]]).toEqual(expected);
        expect(day.volume[0]).toBeGreaterThanOrEqual(volume);
      }
    }
  });

  it('has no bar that breaks a rule of bars', () => {
    const broken: string[] = [];
    for (const { symbol } of market.listings()) {
      for (const timespan of ['minute', 'day'] as const) {
        const { length, open, high, low, close, volume } = bars(market, symbol, timespan, '1997-11-28');
        for (let at = 0; at < length; at++) {
          const isSound =
            low[at]! > 0 &&
            low[at]! <= Math.min(open[at]!, close[at]!) &&
            high[at]! >= Math.max(open[at]!, close[at]!) &&
            volume[at]! > 0;
          if (!isSound) broken.push(`${symbol} ${timespan} ${at}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('trades every index member on every session, for much longer than any import looks back', () => {
    const from = sessionFrom('2000-01-03');
    const to = sessionUpTo('2026-08-07');
    const silent: string[] = [];
    for (const { symbol } of predefinedNames.flatMap((name) => readPredefined(name).members)) {
      const series = market.findSeries(symbol)!;
      if (series.firstSession > from || series.lastSession < to) silent.push(symbol);
      for (let session = to; session >= from; session -= 250) {
        const drawn = createBars(1);
        series.append('day', session, now, drawn);
        if (drawn.length !== 1) silent.push(`${symbol} ${sessionDates[session]}`);
      }
    }
    expect(silent).toEqual([]);
  });

  it('sometimes lacks the average or the trades, and sometimes trades fractions', () => {
    const drawn = bars(market, 'AAPL', 'day', '2016-08-08', '2026-08-07');
    const share = (test: (at: number) => boolean): number =>
      [...Array(drawn.length).keys()].filter(test).length / drawn.length;
    const rare = [share((at) => Number.isNaN(drawn.vwap[at])), share((at) => Number.isNaN(drawn.trades[at]))];
    for (const part of rare) {
      expect(part).toBeGreaterThan(0);
      expect(part).toBeLessThan(0.03);
    }
    const fractional = share((at) => !Number.isInteger(drawn.volume[at]));
    expect(fractional).toBeGreaterThan(0.05);
    expect(fractional).toBeLessThan(0.25);
  });

  it('jumps by the ratio of each split on its day', () => {
    let seen = 0;
    const wrong: string[] = [];
    for (const { symbol } of market.listings()) {
      for (const { executionDate, from, to } of market.findSeries(symbol)!.splits) {
        if (executionDate > '2026-08-07' || Math.abs(Math.log(to / from)) < 0.5) continue;
        const session = sessionFrom(executionDate);
        const around = bars(market, symbol, 'day', sessionDates[session - 1]!, executionDate);
        const step = (around.open[1]! / around.close[0]!) * (to / from);
        if (Math.abs(step - 1) < 0.05) seen++;
        else wrong.push(`${symbol} ${executionDate} ${step}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(100);
  });

  it('has as many companies as asked for, index members first, then invented ones', () => {
    const active = (count: number): string[] => {
      const listings = createGeneratedMarket(1, count).listings();
      const former = new Set(listings.filter(({ delistedOn }) => delistedOn !== null).map(({ cik }) => cik));
      return listings.filter(({ cik }) => !former.has(cik)).map(({ symbol }) => symbol);
    };
    expect(active(4)).toEqual(['AAPL', 'BCPC', 'BCpC', 'BRK.B']);
    expect(active(1000)).toHaveLength(1000);
    expect(active(1000)).toEqual(expect.arrayContaining(active(100)));
  });

  it('has delisted companies, and renamed ones that go on under another symbol', () => {
    const former = market
      .listings()
      .filter(({ delistedOn }) => delistedOn !== null && delistedOn < '2026-08-01');
    expect(former.length).toBeGreaterThan(5);
    let renamed = 0;
    for (const { symbol, cik, delistedOn } of former) {
      const last = sessionFrom(delistedOn!) - 1;
      const end = sessionDates[last]!;
      expect([symbol, bars(market, symbol, 'day', end, delistedOn!).length]).toEqual([symbol, 1]);
      const next = market.listings().find((other) => other.cik === cik && other.symbol !== symbol);
      if (next === undefined) continue;
      renamed++;
      expect(next.listedOn).toBe(delistedOn);
      expect(bars(market, next.symbol, 'day', end).length).toBe(0);
      const after = bars(market, next.symbol, 'day', sessionDates[last + 1]!);
      const before = bars(market, symbol, 'day', end);
      expect(Math.abs(after.open[0]! / before.close[0]! - 1)).toBeLessThan(0.05);
    }
    expect(renamed).toBeGreaterThan(0);
  });
});
