import { type BarColumns, appendBar } from '../bar-columns.ts';
import type { MarketSplit, Series } from '../market.ts';
import { closeMinuteOf, midnightOf, sessionDays } from '../sessions.ts';
import { type FileBars, placeFrom } from './bar-file.ts';
import type { BarFolder } from './bar-folder.ts';
import type { FirstPublished } from './revisions.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The real bars of one symbol; a bar is known once its time is over. Zero volume is filler of the source and not served. */
export function createReplaySeries(
  folder: BarFolder,
  symbol: string,
  splits: readonly MarketSplit[],
  span: { firstSession: number; lastSession: number },
  firstPublished: ReadonlyMap<number, FirstPublished> | undefined,
): Series {
  let files: { daily: FileBars | null; long: FileBars | null } | undefined;
  return {
    splits,
    ...span,
    append(timespan, session, now, bars) {
      if (session < span.firstSession || session > span.lastSession) return;
      if (timespan === 'day') {
        files ??= { daily: folder.find('daily', symbol), long: folder.find('daily_long', symbol) };
        // Not asked of the calendar for each of thousands of old days.
        const over =
          now >= midnightOf(session) + dayMs ||
          now >= midnightOf(session) + closeMinuteOf(session) * minuteMs;
        if (!over) return;
        const before = bars.length;
        appendDay(files, session, bars);
        if (bars.length > before) unrevise(bars, firstPublished?.get(sessionDays[session]!), now);
        return;
      }
      const file = folder.find(timespan === 'hour' ? 'hourly' : 'minute', symbol);
      const width = timespan === 'hour' ? hourMs : minuteMs;
      if (file !== null) appendIntraday(file, session, now - width, width / minuteMs, bars);
    },
  };
}

function appendDay(
  { daily, long }: { daily: FileBars | null; long: FileBars | null },
  session: number,
  bars: BarColumns,
): void {
  const at = sessionDays[session]! * dayMs;
  const file = daily !== null && isWithin(daily, at) ? daily : long;
  if (file === null) return;
  const place = placeFrom(file, at);
  if (file.at[place] === at) appendRow(file, place, midnightOf(session), 1, bars);
}

/** A bar that the vendor revised later, as it was served until then. */
function unrevise(bars: BarColumns, first: FirstPublished | undefined, now: number): void {
  const at = bars.length - 1;
  if (first === undefined || now >= first.until) return;
  const columns = [bars.open, bars.high, bars.low, bars.close, bars.volume];
  // Another file may have another source's bar.
  if (!columns.every((column, field) => column[at] === first.revised[field])) return;
  for (const [field, column] of columns.entries()) column[at] = first.values[field]!;
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
