import { type BarColumns, appendBar } from '../bar-columns.ts';
import type { MarketSplit, Series } from '../market.ts';
import { closeMinuteOf, midnightOf, sessionDays } from '../sessions.ts';
import { type FileBars, placeFrom } from './bar-file.ts';
import type { BarFolder } from './bar-folder.ts';
import type { MarketDays } from './full-market.ts';
import { type RevisionsBySession, unrevise } from './revisions.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Where one symbol's bars are, and what else is known of them. */
export interface ReplaySources {
  readonly folder: BarFolder;
  /** Its days among those of a whole market. */
  readonly market: MarketDays | null;
  readonly revisions: RevisionsBySession | undefined;
  /** Its splits that happen, one a date, by date. */
  readonly splits: readonly MarketSplit[];
}

/**
 * The real bars of one symbol; a bar is known once its time is over, and a day bar is as first published until its
 * correction. Zero volume is filler of the source and not served.
 */
export function createReplaySeries(
  symbol: string,
  { folder, market, revisions, splits }: ReplaySources,
  span: { firstSession: number; lastSession: number },
): Series {
  let files: DayFiles | undefined;
  return {
    splits,
    ...span,
    append(timespan, session, now, bars) {
      if (session < span.firstSession || session > span.lastSession) return;
      if (timespan === 'day') {
        // Not asked of the calendar for each of thousands of old days.
        const over =
          now >= midnightOf(session) + dayMs ||
          now >= midnightOf(session) + closeMinuteOf(session) * minuteMs;
        if (!over) return;
        files ??= { daily: folder.find('daily', symbol), long: folder.find('daily_long', symbol) };
        const at = bars.length;
        appendDay(files, market, session, bars);
        const revision = bars.length > at ? revisions?.get(session) : undefined;
        if (revision !== undefined) unrevise(revision, now, bars, at);
        return;
      }
      const file = folder.find(timespan === 'hour' ? 'hourly' : 'minute', symbol);
      const width = timespan === 'hour' ? hourMs : minuteMs;
      if (file !== null) appendIntraday(file, session, now - width, width / minuteMs, bars);
    },
  };
}

interface DayFiles {
  readonly daily: FileBars | null;
  readonly long: FileBars | null;
}

/** The source whose days of this symbol begin and end around the session, the narrowest first. */
function appendDay(
  { daily, long }: DayFiles,
  market: MarketDays | null,
  session: number,
  bars: BarColumns,
): void {
  const at = sessionDays[session]! * dayMs;
  if (daily !== null && isWithin(daily, at)) appendFileDay(daily, at, session, bars);
  else if (market !== null && market.firstSession <= session && session <= market.lastSession) {
    market.append(session, bars);
  } else if (long !== null) appendFileDay(long, at, session, bars);
}

function appendFileDay(file: FileBars, at: number, session: number, bars: BarColumns): void {
  const place = placeFrom(file, at);
  if (file.at[place] === at) appendRow(file, place, midnightOf(session), 1, bars);
}

const isWithin = ({ at: times }: FileBars, at: number): boolean =>
  times.length > 0 && times[0]! <= at && at <= times[times.length - 1]!;

function appendIntraday(
  file: FileBars,
  session: number,
  until: number,
  baseBars: number,
  bars: BarColumns,
): void {
  const midnight = midnightOf(session);
  const end = Math.min(midnight + dayMs - 1, until);
  for (let place = placeFrom(file, midnight); file.at[place]! <= end; place++) {
    appendRow(file, place, file.at[place]!, baseBars, bars);
  }
}

function appendRow(
  file: FileBars,
  place: number,
  startsAt: number,
  baseBars: number,
  bars: BarColumns,
): void {
  const { open, high, low, close, volume } = file;
  if (volume[place]! <= 0) return;
  appendBar(bars, startsAt, open[place]!, high[place]!, low[place]!, close[place]!, volume[place]!, baseBars);
}
