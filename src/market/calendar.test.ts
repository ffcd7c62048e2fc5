import { describe, expect, it } from 'vitest';
import { dataRows } from '../../test/support/data-rows.ts';
import { describeWithSharedData } from '../../test/support/shared-data.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { AppError } from '../errors.ts';
import {
  calendarYears,
  closureReason,
  isSession,
  latestClosedSession,
  nextSession,
  previousSession,
  sessionHours,
  sessionsBetween,
  settlesAt,
} from './calendar.ts';
import { type IsoDate, dayOfWeek } from './date.ts';

/** The weekdays of a year without a session, as `MM-DD`. */
function closedWeekdays(year: number): string[] {
  const open = new Set(sessionsBetween(`${year}-01-01`, `${year}-12-31`));
  return everyDate(year)
    .filter((date) => dayOfWeek(date) % 6 !== 0 && !open.has(date))
    .map((date) => date.slice(5));
}

/** The early closes of a year, as `MM-DD`. */
const earlyCloses = (year: number): string[] =>
  sessionsBetween(`${year}-01-01`, `${year}-12-31`)
    .filter((date) => sessionHours(date).earlyClose)
    .map((date) => date.slice(5));

function everyDate(year: number): IsoDate[] {
  const dates: IsoDate[] = [];
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 86_400_000) {
    dates.push(new Date(at).toISOString().slice(0, 10));
  }
  return dates;
}

const utc = (at: number): string => new Date(at).toISOString();

describe('holidays', () => {
  // As published by the exchange: nyse.com, "Holidays & Trading Hours".
  it.each([
    [2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
    [2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
    [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
    [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
    [2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  ])('of %i are those the exchange published', (year, closed, early) => {
    expect(closedWeekdays(year).join(' ')).toBe(closed);
    expect(earlyCloses(year).join(' ')).toBe(early);
  });

  it('follow the rules through 2030', () => {
    expect(closedWeekdays(2029).join(' ')).toBe(
      '01-01 01-15 02-19 03-30 05-28 06-19 07-04 09-03 11-22 12-25',
    );
    expect(closedWeekdays(2030).join(' ')).toBe(
      '01-01 01-21 02-18 04-19 05-27 06-19 07-04 09-02 11-28 12-25',
    );
  });

  it("does not give a session away for a New Year's Day on a Saturday", () => {
    expect(isSession('2021-12-31')).toBe(true);
    expect(isSession('2022-01-03')).toBe(true);
    expect(isSession('2027-12-31')).toBe(true);
  });

  it("keeps a New Year's Day on a Sunday on the Monday", () => {
    expect(closureReason('2023-01-02')).toBe("New Year's Day");
  });

  it('begin with Martin Luther King Jr. Day in 1998 and Juneteenth in 2022', () => {
    expect(isSession('1997-01-20')).toBe(true);
    expect(closureReason('1998-01-19')).toBe('Martin Luther King Jr. Day');
    expect(isSession('2021-06-18')).toBe(true);
    expect(closureReason('2022-06-20')).toBe('Juneteenth');
  });

  it.each([
    ['1994-04-27', "President Nixon's funeral"],
    ['2001-09-11', 'September 11 attacks'],
    ['2001-09-14', 'September 11 attacks'],
    ['2004-06-11', "President Reagan's funeral"],
    ['2007-01-02', "President Ford's funeral"],
    ['2012-10-30', 'Hurricane Sandy'],
    ['2018-12-05', "President G. H. W. Bush's funeral"],
    ['2025-01-09', "President Carter's funeral"],
  ])('knows the closure of %s: %s', (date, reason) => {
    expect(closureReason(date)).toBe(reason);
    expect(isSession(date)).toBe(false);
  });

  it('says weekend for Saturday and Sunday, and nothing for a session', () => {
    expect(closureReason('2025-01-11')).toBe('weekend');
    expect(closureReason('2025-01-12')).toBe('weekend');
    expect(closureReason('2025-01-10')).toBeNull();
  });
});

describe('session hours', () => {
  it('are 09:30 to 16:00 New York on both sides of a DST change', () => {
    const friday = sessionHours('2025-03-07');
    const monday = sessionHours('2025-03-10');
    expect([utc(friday.opensAt), utc(friday.closesAt)]).toEqual([
      '2025-03-07T14:30:00.000Z',
      '2025-03-07T21:00:00.000Z',
    ]);
    expect([utc(monday.opensAt), utc(monday.closesAt)]).toEqual([
      '2025-03-10T13:30:00.000Z',
      '2025-03-10T20:00:00.000Z',
    ]);
    expect(monday.earlyClose).toBe(false);
  });

  it.each([
    ['2025-11-28', '2025-11-28T18:00:00.000Z'],
    ['2019-07-03', '2019-07-03T17:00:00.000Z'],
    ['1992-11-27', '1992-11-27T19:00:00.000Z'],
    ['1990-12-24', '1990-12-24T19:00:00.000Z'],
    ['2003-12-26', '2003-12-26T18:00:00.000Z'],
  ])('end early on %s, at %s', (date, closesAt) => {
    expect(sessionHours(date)).toMatchObject({ earlyClose: true, closesAt: Date.parse(closesAt) });
  });

  it('shorten Friday 5 July 2002, and Wednesday 3 July from 2013 on', () => {
    expect(earlyCloses(2002)).toContain('07-05');
    expect(earlyCloses(2002)).not.toContain('07-03');
    expect(earlyCloses(2013)).toContain('07-03');
  });

  it('are refused for a day without a session, saying why', () => {
    expect(() => sessionHours('2025-07-04')).toThrow(
      '2025-07-04 is not a trading session (Independence Day)',
    );
  });

  it('settle at 20:00 New York, in winter on the next UTC day', () => {
    expect(utc(settlesAt('2025-01-10'))).toBe('2025-01-11T01:00:00.000Z');
    expect(utc(settlesAt('2025-07-10'))).toBe('2025-07-11T00:00:00.000Z');
  });
});

describe('sessions', () => {
  it('between two dates include both ends', () => {
    expect(sessionsBetween('2025-01-07', '2025-01-13')).toEqual([
      '2025-01-07',
      '2025-01-08',
      '2025-01-10',
      '2025-01-13',
    ]);
    expect(sessionsBetween('2025-01-08', '2025-01-08')).toEqual(['2025-01-08']);
  });

  it('between two dates are none over a weekend or when the range is turned round', () => {
    expect(sessionsBetween('2025-01-11', '2025-01-12')).toEqual([]);
    expect(sessionsBetween('2025-01-13', '2025-01-07')).toEqual([]);
  });

  it('next and previous are strict and step over closures', () => {
    expect(nextSession('2025-01-08')).toBe('2025-01-10');
    expect(nextSession('2025-01-09')).toBe('2025-01-10');
    expect(previousSession('2025-01-10')).toBe('2025-01-08');
    expect(previousSession('2001-09-17')).toBe('2001-09-10');
  });

  it('follow one another without a gap', () => {
    const sessions = sessionsBetween('1990-01-01', '2030-12-31');
    expect(sessions.slice(0, -1).map(nextSession)).toEqual(sessions.slice(1));
    expect(sessions.slice(1).map(previousSession)).toEqual(sessions.slice(0, -1));
  });

  it('number 250 to 254 in a year, and 248 in the year of the attacks', () => {
    const counts = new Set<number>();
    for (let year: number = calendarYears.from; year <= calendarYears.to; year++) {
      counts.add(sessionsBetween(`${year}-01-01`, `${year}-12-31`).length);
    }
    expect([...counts].toSorted()).toEqual([248, 250, 251, 252, 253, 254]);
    expect(sessionsBetween('2001-01-01', '2001-12-31')).toHaveLength(248);
  });
});

describe('the latest closed session', () => {
  it.each([
    ['a minute before the close', '2025-01-08T20:59:00Z', '2025-01-07'],
    ['at the close', '2025-01-08T21:00:00Z', '2025-01-08'],
    ['late that evening, already tomorrow in UTC', '2025-01-09T03:00:00Z', '2025-01-08'],
    ['on a closed day', '2025-01-09T22:00:00Z', '2025-01-08'],
    ['before the open', '2025-01-10T12:00:00Z', '2025-01-08'],
    ['on a Sunday', '2025-01-12T12:00:00Z', '2025-01-10'],
    ['after an early close', '2025-11-28T18:00:00Z', '2025-11-28'],
    ['before an early close', '2025-11-28T17:59:59Z', '2025-11-26'],
  ])('%s (%s) is %s', (_when, now, session) => {
    expect(latestClosedSession(Date.parse(now))).toBe(session);
  });
});

describe('dates the calendar does not know', () => {
  it.each<[string, () => unknown]>([
    ['isSession before 1990', () => isSession('1989-12-29')],
    ['sessionsBetween from before 1990', () => sessionsBetween('1989-12-31', '1990-02-01')],
    ['sessionsBetween to after 2030', () => sessionsBetween('2030-01-01', '2031-01-01')],
    ['nextSession of the last session', () => nextSession('2030-12-31')],
    ['previousSession of the first session', () => previousSession('1990-01-02')],
    ['sessionHours after 2030', () => sessionHours('2031-01-02')],
    ['closureReason before 1990', () => closureReason('1989-12-25')],
    ['latestClosedSession after 2030', () => latestClosedSession(Date.parse('2031-06-01T00:00:00Z'))],
    ['text that is no date', () => isSession('tomorrow')],
  ])('are a usage error, exit 2: %s', async (_what, ask) => {
    const thrown = await thrownBy(ask);
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
  });

  it('are told the supported years', () => {
    expect(() => isSession('1989-12-29')).toThrow('covers 1990 to 2030; "1989-12-29" lies outside');
  });
});

// exchange_calendars, tests/resources/xnys.csv.
describeWithSharedData('every NYSE session 1990-2022', (folder) => {
  it('has the open, close and early close of the reference calendar', () => {
    const reference = dataRows(`${folder}/calendar/xnys_sessions.csv.gz`);
    const ours = sessionsBetween('1990-01-01', '2022-12-31').map((date) => {
      const { opensAt, closesAt, earlyClose } = sessionHours(date);
      return [date, utc(opensAt), utc(closesAt), earlyClose ? 1 : 0].join(',').replaceAll('.000Z', 'Z');
    });
    expect(reference.length).toBe(8315);
    expect(ours).toEqual(reference);
  });

  it('leaves out the same weekdays, each with a reason', () => {
    const reference = dataRows(`${folder}/calendar/xnys_closed_weekdays.csv`);
    const ours: string[] = [];
    for (let year = 1990; year <= 2022; year++)
      ours.push(...closedWeekdays(year).map((day) => `${year}-${day}`));
    expect(ours).toEqual(reference);
    expect(ours.filter((date) => closureReason(date) === null)).toEqual([]);
  });
});
