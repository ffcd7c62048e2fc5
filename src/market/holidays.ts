import { type IsoDate, addDays, dayOfWeek } from './date.ts';

/** Closures no rule foretells. */
const closedOnce: readonly (readonly [IsoDate, string])[] = [
  ['1994-04-27', "President Nixon's funeral"],
  ['2001-09-11', 'September 11 attacks'],
  ['2001-09-12', 'September 11 attacks'],
  ['2001-09-13', 'September 11 attacks'],
  ['2001-09-14', 'September 11 attacks'],
  ['2004-06-11', "President Reagan's funeral"],
  ['2007-01-02', "President Ford's funeral"],
  ['2012-10-29', 'Hurricane Sandy'],
  ['2012-10-30', 'Hurricane Sandy'],
  ['2018-12-05', "President G. H. W. Bush's funeral"],
  ['2025-01-09', "President Carter's funeral"],
];

/** Early closes no rule foretells, all at 13:00. */
const shortOnce: readonly IsoDate[] = ['1997-12-26', '1999-12-31', '2003-12-26'];

/**
 * Weekdays of a year on which the NYSE stays closed, each with its reason.
 * Source: NYSE rule 7.2 and the exchange's holiday notices; valid from 1990 on.
 */
export function closuresOf(year: number): Map<IsoDate, string> {
  const newYear = `${year}-01-01`;
  const closures: (readonly [IsoDate, string])[] = [
    // On a Saturday it is not observed at all: the last session of a year is never given away.
    [dayOfWeek(newYear) === 6 ? newYear : observed(newYear), "New Year's Day"],
    [nthWeekday(year, 2, 1, 3), "Washington's Birthday"],
    [addDays(easterSunday(year), -2), 'Good Friday'],
    [addDays(nthWeekday(year, 6, 1, 1), -7), 'Memorial Day'],
    [observed(`${year}-07-04`), 'Independence Day'],
    [nthWeekday(year, 9, 1, 1), 'Labor Day'],
    [thanksgiving(year), 'Thanksgiving Day'],
    [observed(`${year}-12-25`), 'Christmas Day'],
  ];
  if (year >= 1998) closures.push([nthWeekday(year, 1, 1, 3), 'Martin Luther King Jr. Day']);
  if (year >= 2022) closures.push([observed(`${year}-06-19`), 'Juneteenth']);
  closures.push(...closedOnce.filter(([date]) => date.startsWith(`${year}-`)));
  return new Map(closures);
}

/**
 * The early closes of a year: session to New York hour. Halts within a session (circuit breakers,
 * storms) are not early closes: its official close stays 16:00.
 */
export function earlyClosesOf(year: number): Map<IsoDate, number> {
  const hour = year < 1993 ? 14 : 13;
  const early = new Map(shortOnce.filter((date) => date.startsWith(`${year}-`)).map((date) => [date, hour]));
  if (year >= 1992) early.set(addDays(thanksgiving(year), 1), hour);

  const christmasEve = `${year}-12-24`;
  if (isMondayToThursday(christmasEve)) early.set(christmasEve, hour);

  const july3 = `${year}-07-03`;
  // Until 2012 a Thursday holiday shortened the Friday after it instead.
  if (dayOfWeek(july3) === 3 && year >= 1995 && year < 2013) early.set(`${year}-07-05`, hour);
  else if (isMondayToThursday(july3) && year >= 1995) early.set(july3, hour);
  return early;
}

const isMondayToThursday = (date: IsoDate): boolean => dayOfWeek(date) >= 1 && dayOfWeek(date) <= 4;

const thanksgiving = (year: number): IsoDate => nthWeekday(year, 11, 4, 4);

/** The weekday on which a holiday is kept: Friday for Saturday, Monday for Sunday. */
function observed(date: IsoDate): IsoDate {
  const weekday = dayOfWeek(date);
  if (weekday === 6) return addDays(date, -1);
  return weekday === 0 ? addDays(date, 1) : date;
}

/** The `n`th given weekday (0 is Sunday) of a month (1 is January). */
function nthWeekday(year: number, month: number, weekday: number, n: number): IsoDate {
  const first = `${year}-${String(month).padStart(2, '0')}-01`;
  return addDays(first, ((weekday - dayOfWeek(first) + 7) % 7) + 7 * (n - 1));
}

/** Easter by Gauss's rule with the terms of 1900-2099; his exceptions for late Easters fall in none of 1982-2048. */
function easterSunday(year: number): IsoDate {
  const fullMoon = (19 * (year % 19) + 24) % 30;
  const toSunday = (2 * (year % 4) + 4 * (year % 7) + 6 * fullMoon + 5) % 7;
  return addDays(`${year}-03-22`, fullMoon + toSunday);
}
