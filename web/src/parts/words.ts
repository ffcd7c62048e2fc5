import type { Connection } from '../api/events.ts';
import type { Market, RunSummary } from '../api/types.ts';

/** New York, where sessions are. */
const newYork = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});
const here = new Intl.DateTimeFormat('en-US', {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});
const clock = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' });
const second = new Intl.DateTimeFormat('en-US', {
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  fractionalSecondDigits: 1,
});
const whole = new Intl.NumberFormat('en-US');

const PHASES = {
  open: 'Market open',
  'pre-market': 'Pre-market',
  'after-hours': 'After hours',
  closed: 'Market closed',
} as const;

const STATUSES: Readonly<Record<RunSummary['status'], string>> = {
  pending: 'waiting',
  in_progress: 'in progress',
  paused: 'paused',
  parked: 'parked, goes on later',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

const RECOVERIES: Readonly<Record<string, string>> = {
  automatic_retry: 'Retry it: what was in the way may have passed.',
  manual_configuration: 'Set what it says, then retry it.',
  skip_and_continue: 'Correct its spelling or the list it comes from.',
  retry_or_manual: 'Retry it; if it fails again, look at its requests.',
};

type Session = Market['next_session'];

const opening = (which: string, { opens_at: at, early_close: isEarly }: Session): string =>
  `${which} opens ${words.newYork(at)}${isEarly ? ' and closes early' : ''}`;
const closing = ({ closes_at: at, early_close: isEarly }: Session): string =>
  `it closes ${words.newYork(at)}${isEarly ? ', early' : ''}`;

/** How things are said and written, the same everywhere. */
export const words = {
  phase: ({ phase, closed_because: because }: Market): string =>
    phase === 'closed' && because !== null ? `${PHASES.closed}: ${because}` : PHASES[phase],
  /** When the market opens or closes next. */
  nextBell({ now, session, next_session: next }: Market): string {
    const isBefore = (bell: string): boolean => Date.parse(now) < Date.parse(bell);
    if (session !== null && isBefore(session.closes_at))
      return isBefore(session.opens_at) ? opening('today’s session', session) : closing(session);
    return opening('the next session', next);
  },
  connection: {
    connecting: 'connecting…',
    live: 'live',
    lost: 'connection lost: coming back…',
  } satisfies Record<Connection, string>,
  status: (status: RunSummary['status']): string => STATUSES[status],
  /** What helps against a failure. */
  recovery: (action: string | null): string => RECOVERIES[action ?? ''] ?? '',
  /** An instant as New York's clocks show it. */
  newYork: (instant: string): string => `${newYork.format(new Date(instant))} New York`,
  /** An instant as the reader's clock shows it. */
  here: (instant: string): string => here.format(new Date(instant)),
  /** How long until an instant, and what the reader's clock shows then. */
  eta(instant: string, now: number): string {
    const time = clock.format(new Date(instant)).replace(' ', '\u00a0');
    const left = Date.parse(instant) - now;
    return left < 0 ? `later than\u00a0${time}` : `${words.duration(left / 1000)}, at\u00a0${time}`;
  },
  clock: (instant: string): string => clock.format(new Date(instant)),
  /** An instant, ms since the epoch, to a tenth of a second. */
  second: (instant: number): string => second.format(new Date(instant)),
  /** Cut to a tenth, as the service cuts it: what is not done never reads as done. */
  percent: (percentage: number): string => `${(Math.floor(percentage * 10) / 10).toFixed(1)} %`,
  whole: (count: number): string => whole.format(count),
  count: (count: number, what: string): string => `${whole.format(count)} ${what}${count === 1 ? '' : 's'}`,
  ms: (ms: number | null): string => (ms === null ? '–' : `${whole.format(ms)} ms`),
  /** A short time of so many ms. */
  span: (ms: number): string =>
    ms < 1000
      ? `${Math.round(ms)} ms`
      : ms < 60_000
        ? `${(ms / 1000).toFixed(1)} s`
        : words.duration(ms / 1000),
  duration(seconds: number): string {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  },
  bytes(bytes: number): string {
    if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
    return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
  },
  what: ({ universes, timeframes }: Pick<RunSummary, 'universes' | 'timeframes'>): string =>
    `${universes.join(', ') || 'chosen symbols'} · ${timeframes.join(', ')}`,
} as const;
