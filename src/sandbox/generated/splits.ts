import { addDays, fromDayNumber, toDayNumber } from '../../market/date.ts';
import type { Listing, MarketSplit } from '../market.ts';
import { sessionDates, sessionFrom } from '../sessions.ts';
import { mix, toFraction, toHex } from '../hash.ts';

/** One chance of a split in each stretch of years: some are always just behind and just ahead of the clock. */
const stretchDays = 6 * 365;
const stretchChance = 0.55;
const cancelledChance = 0.1;
const repeatedChance = 0.05;

interface Ratio {
  readonly from: number;
  readonly to: number;
}

const whole: readonly Ratio[] = [
  { from: 1, to: 2 },
  { from: 1, to: 2 },
  { from: 1, to: 3 },
  { from: 2, to: 3 },
  { from: 1, to: 4 },
  { from: 5, to: 1 },
  { from: 10, to: 1 },
  { from: 1, to: 10 },
];
// A fifth of what the vendor lists: stock dividends and spin-offs.
const fractional: readonly Ratio[] = [
  { from: 1, to: 1.05 },
  { from: 1, to: 1.281 },
  { from: 1, to: 1.02 },
  { from: 1, to: 1.1 },
];
const fractionalChance = 0.19;

/** A symbol's split rows over the whole calendar, by execution date: some cancelled before it, some listed twice. */
export function drawSplits(listing: Listing, key: number, sharesAtEnd: number): MarketSplit[] {
  const rows: MarketSplit[] = [];
  const first = toDayNumber(listing.listedOn) + 30;
  const last = toDayNumber(listing.delistedOn ?? sessionDates.at(-1)!) - 30;
  let shares = sharesAtEnd;
  // Backwards, to keep early prices within reason.
  for (let stretch = Math.floor(last / stretchDays); stretch * stretchDays >= first; stretch--) {
    const hash = mix(mix(key, 21), stretch);
    if (toFraction(mix(hash, 1)) >= stretchChance) continue;
    const day = stretch * stretchDays + ((mix(hash, 2) >>> 0) % stretchDays);
    if (day < first || day > last) continue;
    const ratio = moderated(drawRatio(hash), shares);
    const split = announce(listing.symbol, fromDayNumber(day), ratio, hash);
    rows.push(split);
    if (split.cancelledOn === null) shares *= ratio.to / ratio.from;
    if (toFraction(mix(hash, 5)) < repeatedChance) rows.push({ ...split, id: toHex(mix(hash, 6), 32) });
  }
  return rows.toReversed();
}

function drawRatio(hash: number): Ratio {
  const ratios = toFraction(mix(hash, 3)) < fractionalChance ? fractional : whole;
  return ratios[(mix(hash, 4) >>> 0) % ratios.length]!;
}

/** The ratio, or a milder one when earlier shares would be worth too much or too little. */
function moderated(ratio: Ratio, shares: number): Ratio {
  const after = (shares * ratio.to) / ratio.from;
  if (after > 20) return { from: 4, to: 1 };
  return after < 0.1 ? { from: 1, to: 4 } : ratio;
}

function announce(symbol: string, wanted: string, ratio: Ratio, hash: number): MarketSplit {
  const executionDate = sessionDates[sessionFrom(wanted)] ?? wanted;
  const lead = 15 + ((mix(hash, 7) >>> 0) % 45);
  const cancelled = toFraction(mix(hash, 8)) < cancelledChance;
  return {
    id: toHex(hash, 32),
    symbol,
    executionDate,
    from: ratio.from,
    to: ratio.to,
    announcedOn: addDays(executionDate, -lead),
    cancelledOn: cancelled ? addDays(executionDate, -Math.ceil(lead / 3)) : null,
  };
}
