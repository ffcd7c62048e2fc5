import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dayOfWeek, fromDayNumber, isIsoDate, toDayNumber } from './date.ts';

const anyDay = fc.integer({ min: -30_000, max: 60_000 });

describe('dates', () => {
  it('are numbered from 1970-01-01 and back', () => {
    expect(toDayNumber('1970-01-01')).toBe(0);
    expect(toDayNumber('2024-03-01') - toDayNumber('2024-02-28')).toBe(2);
    fc.assert(fc.property(anyDay, (day) => toDayNumber(fromDayNumber(day)) === day));
  });

  it('know their weekday, also before 1970', () => {
    expect(dayOfWeek('2025-01-12')).toBe(0);
    expect(dayOfWeek('2025-01-11')).toBe(6);
    expect(dayOfWeek('1969-12-31')).toBe(3);
    fc.assert(
      fc.property(anyDay, (day) => dayOfWeek(fromDayNumber(day)) === new Date(day * 86_400_000).getUTCDay()),
    );
  });

  it('step over months, leap days and years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-02-28', 1)).toBe('2025-03-01');
    expect(addDays('2025-01-01', -1)).toBe('2024-12-31');
  });

  it.each([
    '2025-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-1-1',
    '25-01-01',
    '2025-01-01T00:00',
    ' 2025-01-01',
    '',
  ])('do not include %j', (text) => {
    expect(isIsoDate(text)).toBe(false);
  });

  it.each(['2024-02-29', '1990-01-01', '2030-12-31'])('include %j', (text) => {
    expect(isIsoDate(text)).toBe(true);
  });
});
