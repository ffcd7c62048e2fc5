import { closureReason, isSession, sessionHours } from '../market/calendar.ts';
import { calendarYears } from '../market/calendar.ts';
import { type IsoDate, addDays } from '../market/date.ts';
import { newYorkDate, newYorkInstant, newYorkOffset } from '../market/new-york.ts';
import { type Answer, json } from './answer.ts';
import type { VendorRequest } from './vendor-request.ts';

/** GET /v1/marketstatus/now */
export function marketStatusNow({ now }: VendorRequest): Answer {
  const today = newYorkDate(now);
  const { earlyHours, open, afterHours } = phaseOf(today, now);
  const exchange = open ? 'open' : earlyHours || afterHours ? 'extended-hours' : 'closed';
  return json(200, {
    afterHours,
    currencies: { crypto: 'open', fx: 'open' },
    earlyHours,
    exchanges: { nasdaq: exchange, nyse: exchange, otc: exchange },
    market: exchange,
    serverTime: newYorkTime(now),
  });
}

function phaseOf(today: IsoDate, now: number): { earlyHours: boolean; open: boolean; afterHours: boolean } {
  if (!isSession(today)) return { earlyHours: false, open: false, afterHours: false };
  const { opensAt, closesAt } = sessionHours(today);
  const lateEnd = closesAt + 4 * 3_600_000;
  return {
    earlyHours: now >= newYorkInstant(today, 4) && now < opensAt,
    open: now >= opensAt && now < closesAt,
    afterHours: now >= closesAt && now < lateEnd,
  };
}

/** `2020-11-10T17:37:37-05:00` */
function newYorkTime(now: number): string {
  const offset = newYorkOffset(now);
  const wall = new Date(now + offset).toISOString().slice(0, 19);
  return `${wall}-${String(-offset / 3_600_000).padStart(2, '0')}:00`;
}

const exchanges = ['NYSE', 'NASDAQ', 'OTC'] as const;
const daysAhead = 366;

/** GET /v1/marketstatus/upcoming: a bare array of the closures and early closes of the coming year. */
export function marketStatusUpcoming({ now }: VendorRequest): Answer {
  const rows: object[] = [];
  const today = newYorkDate(now);
  const end = `${calendarYears.to}-12-31`;
  for (let day = 0; day < daysAhead && addDays(today, day) <= end; day++) {
    const date = addDays(today, day);
    const reason = closureReason(date);
    if (reason === 'weekend') continue;
    if (reason !== null) {
      for (const exchange of exchanges) rows.push({ date, exchange, name: reason, status: 'closed' });
      continue;
    }
    const { earlyClose, opensAt, closesAt } = sessionHours(date);
    if (!earlyClose) continue;
    const hours = { open: new Date(opensAt).toISOString(), close: new Date(closesAt).toISOString() };
    for (const exchange of exchanges) {
      rows.push({ date, exchange, name: nearestHoliday(date), status: 'early-close', ...hours });
    }
  }
  return json(200, rows, rows.length);
}

/** Trading stops early around these three only. */
function nearestHoliday(date: IsoDate): string {
  const month = date.slice(5, 7);
  return month === '07' ? 'Independence Day' : month === '11' ? 'Thanksgiving' : 'Christmas';
}
