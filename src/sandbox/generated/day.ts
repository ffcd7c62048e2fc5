import { sessionDays } from '../sessions.ts';
import { type Company, sharesPerShare } from './company.ts';
import { mix, toFraction } from '../hash.ts';

/** A session as it was traded, prices in ten-thousandths of a dollar. Filled anew for each. */
export interface DayFrame {
  /** What everything random of the session follows from. */
  hash: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Shares of all hours; fractional on some days. */
  volume: number;
  /** The level drawn last, and of whom and when: the next session begins with it. */
  company: Company | null;
  levelDay: number;
  level: number;
}

export const createDayFrame = (): DayFrame => ({
  hash: 0,
  open: 0,
  high: 0,
  low: 0,
  close: 0,
  volume: 0,
  company: null,
  levelDay: 0,
  level: 0,
});

/** Waves of the price, longest first: how many days one takes and how far it carries, as a share of the price. */
const waves = [
  { days: 2048, reach: 0.3 },
  { days: 512, reach: 0.15 },
  { days: 128, reach: 0.08 },
  { days: 32, reach: 0.04 },
  { days: 8, reach: 0.02 },
  { days: 1, reach: 0.012 },
] as const;
const waveDays = Float64Array.from(waves, (wave) => wave.days);
const waveReach = Float64Array.from(waves, (wave) => wave.reach / 2_147_483_648);

/** The close of a day in dollars of the company's last shares, from nothing but the day's number. */
function level({ price, waveKeys }: Company, day: number): number {
  let sum = 1;
  for (let wave = 0; wave < waveDays.length; wave++) {
    const days = waveDays[wave]!;
    const crest = Math.floor(day / days);
    const key = waveKeys[wave]!;
    const before = mix(key, crest);
    const offset = day - crest * days;
    const after = offset === 0 ? before : mix(key, crest + 1);
    sum += (before + ((after - before) * offset) / days) * waveReach[wave]!;
  }
  return price * sum;
}

const dollar = 10_000;
const cent = 100;
const leastVolume = 30_000;

/** Draws a session's regular prices and volume into `frame`; the same for the same company and session. */
export function drawDay(company: Company, session: number, frame: DayFrame): void {
  const day = sessionDays[session]!;
  const hash = mix(mix(company.key, 31), day);
  const shares = sharesPerShare(company, session);
  const dayBefore = sessionDays[session - 1] ?? day;
  const drawn = frame.company === company && frame.levelDay === dayBefore;
  const before = (drawn ? frame.level : level(company, dayBefore)) * shares;
  frame.company = company;
  frame.levelDay = day;
  frame.level = level(company, day);
  const after = frame.level * shares;
  const open = toCents(before * (1 + (toFraction(mix(hash, 1)) - 0.5) * 0.012));
  const close = toCents(after);
  const reach = after * dollar * 0.011;
  const up = toFraction(mix(hash, 2));
  const down = toFraction(mix(hash, 3));
  // Some extremes are fractions of a cent, as off-exchange prices are.
  const unit = (hash & 7) === 0 ? 1 : cent;
  frame.hash = hash;
  frame.open = open;
  frame.close = close;
  frame.high = Math.max(open, close) + Math.round((up * up * reach) / unit) * unit;
  frame.low = Math.max(1, Math.min(open, close) - Math.round((down * down * reach) / unit) * unit);
  const rush = toFraction(mix(hash, 4));
  const volume = Math.floor((company.volume * (0.6 + rush * rush)) / shares);
  frame.volume = Math.max(leastVolume, volume) + (isFractional(hash) ? fractionOf(hash) : 0);
}

const toCents = (dollars: number): number => Math.max(1, Math.round(dollars * 100)) * cent;

/** On one day in eight fractional shares were traded. */
export const isFractional = (hash: number): boolean => ((hash >>> 3) & 7) === 0;

/** Millionths of a share. */
const fractionOf = (hash: number): number => ((hash >>> 6) % 1_000_000) / 1_000_000;
