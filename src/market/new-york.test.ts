import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type IsoDate, addDays, fromDayNumber, toDayNumber } from './date.ts';
import { newYorkDate, newYorkDay, newYorkInstant, newYorkMidnight, newYorkOffset } from './new-york.ts';

const HOUR_MS = 3_600_000;
const firstDay = toDayNumber('1990-01-01');
const lastDay = toDayNumber('2030-12-31');
const everyDay: readonly IsoDate[] = Array.from({ length: lastDay - firstDay + 1 }, (_, i) =>
  fromDayNumber(firstDay + i),
);
const anyDay = fc.integer({ min: firstDay, max: lastDay }).map(fromDayNumber);
const anyInstant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2031, 0, 1) });
/** A date on which clocks change, and the hours it has. */
const changeDays = new Map(
  everyDay.flatMap((date) => {
    const hours = (newYorkMidnight(addDays(date, 1)) - newYorkMidnight(date)) / HOUR_MS;
    return hours === 24 ? [] : [[date, hours] as const];
  }),
);

describe('a New York day', () => {
  it('begins at an instant that lies on it, 1 ms after the day before', () => {
    const astray = everyDay.filter(
      (date) =>
        newYorkDate(newYorkMidnight(date)) !== date ||
        newYorkDate(newYorkMidnight(date) - 1) !== addDays(date, -1),
    );
    expect(astray).toEqual([]);
  });

  it('has 23 hours once and 25 hours once a year, 24 otherwise', () => {
    expect(changeDays.size).toBe(41 * 2);
    for (let year = 1990; year <= 2030; year++) {
      const hours = [...changeDays].filter(([date]) => date.startsWith(`${year}`)).map(([, count]) => count);
      expect(hours, `${year}`).toEqual([23, 25]);
    }
  });

  // Energy Policy Act of 2005, in force from 2007: second Sunday of March, first of November.
  it('changes length on the dates the law names, also before 2007', () => {
    expect(changeDays.get('2006-04-02')).toBe(23);
    expect(changeDays.get('2006-10-29')).toBe(25);
    expect(changeDays.get('2007-03-11')).toBe(23);
    expect(changeDays.get('2007-11-04')).toBe(25);
    expect(changeDays.get('2026-03-08')).toBe(23);
    expect(changeDays.get('2026-11-01')).toBe(25);
  });

  it('of an instant is the one luxon says, by day number too', () => {
    fc.assert(
      fc.property(anyInstant, (instant) => {
        const reference = DateTime.fromMillis(instant, { zone: 'America/New_York' });
        expect(newYorkDate(instant)).toBe(reference.toISODate());
        expect(newYorkDay(instant)).toBe(toDayNumber(reference.toISODate() ?? ''));
        expect(newYorkOffset(instant)).toBe(reference.offset * 60_000);
      }),
    );
  });
});

describe('a New York wall-clock time', () => {
  const wallTime = fc.record({
    date: fc.oneof(anyDay, fc.constantFrom(...changeDays.keys())),
    hours: fc.integer({ min: 0, max: 23 }),
    minutes: fc.integer({ min: 0, max: 59 }),
  });

  it('is the instant luxon says, wherever it exists', () => {
    fc.assert(
      fc.property(wallTime, ({ date, hours, minutes }) => {
        const reference = DateTime.fromISO(date, { zone: 'America/New_York' }).set({
          hour: hours,
          minute: minutes,
        });
        fc.pre(reference.hour === hours);
        // Of a time that comes twice luxon, too, means the first.
        expect(newYorkInstant(date, hours, minutes)).toBe(reference.toMillis());
      }),
      { numRuns: 1000 },
    );
  });

  it('that DST skips is moved on by the hour', () => {
    expect(newYorkInstant('2026-03-08', 1, 59)).toBe(Date.parse('2026-03-08T06:59:00Z'));
    expect(newYorkInstant('2026-03-08', 2, 30)).toBe(Date.parse('2026-03-08T07:30:00Z'));
    expect(newYorkInstant('2026-03-08', 3)).toBe(Date.parse('2026-03-08T07:00:00Z'));
  });

  it('that comes twice is the first', () => {
    expect(newYorkInstant('2026-11-01', 1, 30)).toBe(Date.parse('2026-11-01T05:30:00Z'));
    expect(newYorkInstant('2026-11-01', 2)).toBe(Date.parse('2026-11-01T07:00:00Z'));
  });

  it('of midnight is the stamp of the recorded daily bars', () => {
    // Recorded vendor answer: AAPL 1/day, 2023-01-03 and 2023-01-10.
    expect(newYorkMidnight('2023-01-03')).toBe(1_672_722_000_000);
    expect(newYorkMidnight('2023-01-10')).toBe(1_673_326_800_000);
  });
});
