import type { Timeframe, Trigger } from '../api/types.ts';
import { allTimeframes, inOrder } from '../parts/timeframes.tsx';

/** What is chosen to be imported, complete or not. */
export interface Choice {
  readonly what: 'universes' | 'symbols';
  readonly universes: ReadonlySet<string>;
  readonly symbols: string;
  readonly timeframes: ReadonlySet<Timeframe>;
  readonly when: 'usual' | 'lookback' | 'dates';
  readonly days: string;
  readonly from: string;
  readonly to: string;
  /** Ask for what is known already, too. */
  readonly isRefresh: boolean;
}

const USUAL: Choice = {
  what: 'universes',
  universes: new Set(),
  symbols: '',
  timeframes: allTimeframes,
  when: 'usual',
  days: '30',
  from: '',
  to: '',
  isRefresh: false,
};

/** Longer lists make addresses that are refused. */
const LONGEST_SYMBOLS = 1500;

const partsOf = (list: string): string[] => list.split(/[\s,;]+/).filter((part) => part !== '');

/** The choice that an address has; the usual one where it has none. */
export function choiceOf(search: URLSearchParams): Choice {
  const timeframes = search.get('timeframes');
  const days = search.get('days');
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  return {
    ...USUAL,
    what: search.has('symbols') ? 'symbols' : 'universes',
    universes: new Set(partsOf(search.get('universes') ?? '')),
    symbols: search.get('symbols') ?? '',
    timeframes:
      timeframes === null
        ? allTimeframes
        : new Set([...allTimeframes].filter((one) => partsOf(timeframes).includes(one))),
    when: days !== null ? 'lookback' : from !== '' ? 'dates' : 'usual',
    days: days ?? USUAL.days,
    from,
    to,
    isRefresh: search.get('refresh') === 'true',
  };
}

/** What an address says of a choice: whatever is not usual. */
export function searchOf({ what, universes, symbols, timeframes, when, ...rest }: Choice): URLSearchParams {
  const said: Readonly<Record<string, string | false>> = {
    universes: what === 'universes' && universes.size > 0 && [...universes].join(','),
    symbols: what === 'symbols' && symbols.length <= LONGEST_SYMBOLS && symbols,
    timeframes: timeframes.size < allTimeframes.size && inOrder(timeframes).join(','),
    days: when === 'lookback' && rest.days,
    from: when === 'dates' && rest.from !== '' && rest.from,
    to: when === 'dates' && rest.to !== '' && rest.to,
    refresh: rest.isRefresh && 'true',
  };
  return new URLSearchParams(
    Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== false),
  );
}

/** What would be sent; null while it is not complete. */
export function toTrigger(choice: Choice): Trigger | null {
  const { what, universes, timeframes, when, isRefresh } = choice;
  const symbols = partsOf(choice.symbols);
  const isComplete =
    timeframes.size > 0 &&
    (what === 'universes' ? universes.size > 0 : symbols.length > 0) &&
    (when !== 'dates' || choice.from !== '') &&
    (when !== 'lookback' || Number(choice.days) >= 1);
  if (!isComplete) return null;
  return {
    ...(what === 'universes' ? { universes: [...universes] } : { symbols }),
    timeframes: inOrder(timeframes),
    ...(when === 'lookback' && { lookback_days: Number(choice.days) }),
    ...(when === 'dates' && { from: choice.from, ...(choice.to !== '' && { to: choice.to }) }),
    ...(isRefresh && { refresh: true }),
  };
}
