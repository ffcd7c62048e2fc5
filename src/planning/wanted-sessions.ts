import type { Coverage, DateSpans, KnownSymbol } from '../market/coverage.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Runs } from './minimum-requests.ts';

export interface Wanted {
  /** To be asked for. */
  readonly asked: Runs;
  /** Without a bar for a reason that needs no asking: before its listing, after its end, before the plan's history. */
  readonly absent: Runs;
}

export interface AnswerRules {
  /** Answers of sessions up to here, inclusive, are final when given now. */
  readonly finalThrough: IsoDate;
  /** The newest session the vendor refused as too old; null when it refused none. */
  readonly refusedThrough: IsoDate | null;
  /** Asks for everything again, whatever is known. */
  readonly refresh: boolean;
}

/**
 * What of `sessions` (ascending) is to be asked for a symbol: what was never answered, and what was answered before
 * the next session closed and is final now.
 */
export function wantedSessions(
  sessions: readonly IsoDate[],
  timeframe: BaseTimeframe,
  known: KnownSymbol | undefined,
  rules: AnswerRules,
): Wanted {
  const coverage = known?.covered[timeframe] ?? nothing;
  const isCovered = within(coverage.sessions);
  const isProvisional = within(coverage.provisional);
  const asked = createRuns();
  const absent = createRuns();
  for (const [place, session] of sessions.entries()) {
    const answered =
      isCovered(session) && !(isProvisional(session) && session <= rules.finalThrough) && !rules.refresh;
    if (answered) continue;
    const isAlive =
      (known?.listedOn == null || session >= known.listedOn) &&
      (known?.delistedOn == null || session < known.delistedOn);
    const isServed = rules.refresh || rules.refusedThrough === null || session > rules.refusedThrough;
    (isAlive && isServed ? asked : absent).add(place);
  }
  return { asked: asked.runs, absent: absent.runs };
}

const nothing: Coverage = { sessions: [], provisional: [] };

/** Tells whether dates asked about in ascending order lie within spans. */
function within(spans: DateSpans): (date: IsoDate) => boolean {
  let at = 0;
  return (date) => {
    while (at < spans.length && spans[at]!.before <= date) at++;
    return at < spans.length && spans[at]!.from <= date;
  };
}

function createRuns(): { readonly runs: [number, number][]; add(place: number): void } {
  const runs: [number, number][] = [];
  return {
    runs,
    add(place) {
      const last = runs.at(-1);
      if (last?.[1] === place - 1) last[1] = place;
      else runs.push([place, place]);
    },
  };
}
