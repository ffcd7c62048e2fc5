import { addDays, fromDayNumber, toDayNumber } from '../../market/date.ts';
import type { Listing, MarketSplit } from '../market.ts';
import { sessionDates, sessionFrom } from '../sessions.ts';
import { hashText, mix, toFraction } from '../hash.ts';
import { happening } from '../split-factors.ts';
import { drawSplits } from './splits.ts';

/** What all bars of a generated symbol follow from. */
export interface Company {
  readonly listing: Listing;
  readonly key: number;
  /** One for each wave of its price. */
  readonly waveKeys: Int32Array;
  /** About the price of its last days, in dollars. */
  readonly price: number;
  /** Shares traded in a usual session of its last days. */
  readonly volume: number;
  /** Minutes that trade in a usual session. */
  readonly minutes: number;
  readonly firstSession: number;
  readonly lastSession: number;
  /** Every row about it, also the repeated and the cancelled ones. */
  readonly splitRows: readonly MarketSplit[];
  /** Those that happen, by date. */
  readonly splits: readonly MarketSplit[];
  /** For each of `splits`: how many of its last days' shares one share was before it. */
  readonly sharesBefore: readonly number[];
  /** The same after the last of them: 1, but for a ticker whose company went on under another. */
  readonly sharesAtEnd: number;
  /** For each of `splits`: the first session that trades new shares. */
  readonly splitSessions: readonly number[];
}

/** How much a symbol trades: members of the smaller indexes more. */
export type Activity = 'busy' | 'usual' | 'quiet';

const minutesBy: Readonly<Record<Activity, { from: number; span: number }>> = {
  busy: { from: 570, span: 120 },
  usual: { from: 280, span: 160 },
  quiet: { from: 210, span: 160 },
};

/** Listed long enough before any clock a test may want, as index members are. */
export const earlyListing = (key: number): string => addDays('1990-01-02', (mix(key, 11) >>> 0) % 2500);

/** The company behind a listing. One that was renamed shares its `firstSymbol`, and each ticker continues the other's prices. */
export function createCompany(
  listing: Listing,
  activity: Activity,
  seed: number,
  { firstSymbol = listing.symbol, renamedTo }: { firstSymbol?: string; renamedTo?: Company } = {},
): Company {
  const key = hashText(firstSymbol, seed);
  const sharesAtEnd = renamedTo?.sharesBefore[0] ?? 1;
  const { from, span } = minutesBy[activity];
  const firstSession = sessionFrom(listing.listedOn);
  const lastSession =
    listing.delistedOn === null ? sessionDates.length - 1 : sessionFrom(listing.delistedOn) - 1;
  const splitRows = drawSplits(listing, key, sharesAtEnd);
  const splits = happening(splitRows);
  const sharesBefore = splits.map((_, at) =>
    splits.slice(at).reduce((shares, split) => (shares * split.to) / split.from, sharesAtEnd),
  );
  return {
    listing,
    key,
    waveKeys: Int32Array.from({ length: 6 }, (_, wave) => mix(key, 100 + wave)),
    price: 20 + 400 * toFraction(mix(key, 1)) * toFraction(mix(key, 2)),
    volume: 400_000 * (1 << ((mix(key, 3) >>> 0) % 6)) * (1 + toFraction(mix(key, 4))),
    minutes: from + Math.floor(span * toFraction(mix(key, 5))),
    firstSession,
    lastSession,
    splitRows,
    splits,
    sharesBefore,
    sharesAtEnd,
    splitSessions: splits.map((split) => sessionFrom(split.executionDate)),
  };
}

/** How many of its last days' shares one share of a session was. */
export function sharesPerShare(company: Company, session: number): number {
  const { splitSessions, sharesBefore } = company;
  for (let at = 0; at < splitSessions.length; at++) {
    if (session < splitSessions[at]!) return sharesBefore[at]!;
  }
  return company.sharesAtEnd;
}

/** A date within `years`, inclusive, that a number picks. */
export function dateWithin(years: { from: number; to: number }, pick: number): string {
  const first = toDayNumber(`${years.from}-01-01`);
  const last = toDayNumber(`${years.to}-12-31`);
  return fromDayNumber(first + ((pick >>> 0) % (last - first + 1)));
}
