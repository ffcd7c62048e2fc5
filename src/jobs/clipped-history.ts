import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Series } from '../planning/asked-bars.ts';

/** Fewer sessions missing at the start of a series say nothing: symbols are listed and halted every week. */
const SUSPICIOUS_SESSIONS = 10;

/** Watches where the bars of a run begin: the vendor clips ranges to the plan's history without a word. */
export interface ClippedHistoryWatch {
  /** The first session a symbol's series had a bar on. */
  began(series: Series, first: IsoDate): void;
  /** The vendor refused a range that ended with `through` as older than the plan's history. */
  refused(timeframe: BaseTimeframe, through: IsoDate): void;
  /** True for a session that asking for would only be refused again. */
  isRefused(timeframe: BaseTimeframe, session: IsoDate): boolean;
  /** The newest session refused so, by base timeframe. */
  readonly refusals: ReadonlyMap<BaseTimeframe, IsoDate>;
  /** One sentence a base timeframe whose bars begin late, on one day, for most symbols. */
  findings(): string[];
}

export function createClippedHistoryWatch(): ClippedHistoryWatch {
  const begins = new Map<string, { readonly series: Series; readonly counts: Map<IsoDate, number> }>();
  const refusedThrough = new Map<BaseTimeframe, IsoDate>();
  return {
    refused(timeframe, through) {
      if (through > (refusedThrough.get(timeframe) ?? '')) refusedThrough.set(timeframe, through);
    },
    refusals: refusedThrough,
    isRefused: (timeframe, session) => session <= (refusedThrough.get(timeframe) ?? ''),
    began(series, first) {
      const key = `${series.timeframe} ${series.range.from} ${series.range.to}`;
      const { counts } = begins.get(key) ?? { counts: new Map<IsoDate, number>() };
      begins.set(key, { series, counts: counts.set(first, (counts.get(first) ?? 0) + 1) });
    },
    findings: () =>
      [...begins.values()].flatMap(({ series, counts }) => {
        const symbols = [...counts.values()].reduce((sum, count) => sum + count, 0);
        const [first, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
        if (count * 2 <= symbols || series.sessions.indexOf(first) < SUSPICIOUS_SESSIONS) return [];
        return [
          `Massive's ${series.timeframe} bars begin on ${first} for ${count} of ${symbols} symbols, though ${series.range.from} was asked for: ` +
            `the history of your plan seems to begin there${symbols === 1 ? ', unless the symbol was listed then' : ''}.`,
        ];
      }),
  };
}
