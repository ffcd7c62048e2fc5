import {
  afterHoursEndAt,
  latestClosedSession,
  nextSession,
  previousSession,
  sessionHours,
} from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';

const MINUTE_MS = 60_000;

/** When the nightly import begins. */
export interface Firing {
  readonly session: IsoDate;
  /** Ms since the epoch. */
  readonly at: number;
  readonly earlyClose: boolean;
}

/** The nightly import of a session: so many minutes after its close, whatever clocks did that day. */
export function firingOf(session: IsoDate, delayMinutes: number): Firing {
  const { closesAt, earlyClose } = sessionHours(session);
  return { session, at: closesAt + delayMinutes * MINUTE_MS, earlyClose };
}

/** The newest firing whose time has come at `now` (ms since the epoch). */
export function latestFiring(now: number, delayMinutes: number): Firing {
  let firing = firingOf(latestClosedSession(now), delayMinutes);
  while (firing.at > now) firing = firingOf(previousSession(firing.session), delayMinutes);
  return firing;
}

/** The next firings after `now`, in order. */
export function nextFirings(now: number, delayMinutes: number, count: number): Firing[] {
  const firings: Firing[] = [];
  let { session } = latestFiring(now, delayMinutes);
  while (firings.length < count) {
    session = nextSession(session);
    firings.push(firingOf(session, delayMinutes));
  }
  return firings;
}

/** `16:10`: when the import of a session with its regular close begins, New York time of day. */
export function triggerTime(delayMinutes: number): string {
  const minutes = (16 * 60 + delayMinutes) % (24 * 60);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Whether a session's after-hours trading is on: a vendor that calls the market closed then knows of a closure the calendar does not. */
export function isAfterHours(session: IsoDate, now: number): boolean {
  return now >= sessionHours(session).closesAt && now < afterHoursEndAt(session);
}
