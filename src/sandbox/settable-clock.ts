import type { Clock } from '../clock.ts';
import { usageError } from '../errors.ts';
import { calendarYears } from '../market/calendar.ts';
import { newYorkDate } from '../market/new-york.ts';

/** The sandbox's own time: advances with the real one, and can be set. */
export interface SettableClock {
  /** ms since the epoch */
  now(): number;
  /** @throws AppError CONFIG_INVALID for an instant outside the years of the trading calendar. */
  set(now: number): void;
}

export function createSettableClock(clock: Clock, startAt: number | undefined): SettableClock {
  let ahead = 0;
  const set = (now: number): void => {
    const year = Number.isFinite(now) ? Number(newYorkDate(now).slice(0, 4)) : Number.NaN;
    if (!(year >= calendarYears.from && year <= calendarYears.to)) {
      throw usageError(
        `Cannot set the sandbox's clock outside ${calendarYears.from} to ${calendarYears.to}, the years of its trading calendar.`,
      );
    }
    ahead = now - clock.now();
  };
  set(startAt ?? clock.now());
  return { now: () => clock.now() + ahead, set };
}
