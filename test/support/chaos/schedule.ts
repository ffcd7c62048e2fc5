import { mix, toFraction } from '../../../src/sandbox/hash.ts';
import type { Fault, Link, Strike } from './faults.ts';

/** Faults of one import. They may lie over each other: the next does not wait for the end of the last. */
export const FAULTS_A_CASE = 8;

/** Numbers that follow from a seed. */
interface Chance {
  /** In [0, 1). */
  fraction(): number;
  /** Both ends included. */
  whole(from: number, to: number): number;
  one<T>(of: readonly T[]): T;
}

function createChance(seed: number): Chance {
  let drawn = 0;
  const fraction = (): number => toFraction(mix(seed + 1, ++drawn));
  return {
    fraction,
    whole: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    one: (of) => of[Math.floor(fraction() * of.length)]!,
  };
}

const links: readonly Link[] = ['database', 'redis', 'vendor'];

/** Faults of the sandbox that a second try makes good. */
const vendorFaults = [
  'http-503',
  'http-502-html',
  'html-200',
  'throttle',
  'throttle-retry-after',
  'reset',
  'reset-in-body',
  'truncated-gzip',
  'stall',
  'stall-in-body',
];

const back = (chance: Chance): { backAfterMs: number } => ({ backAfterMs: chance.whole(200, 3000) });
const lasting = (chance: Chance): { forMs: number } => ({ forMs: chance.whole(1500, 6000) });
const kill = (chance: Chance): Strike => ({ kind: 'kill', ...back(chance) });
const partition = (chance: Chance, link: Link): Strike => ({
  kind: 'partition',
  link,
  ...lasting(chance),
  endsBy: chance.one(['heal', 'cut']),
});
const restart = (chance: Chance, mode: 'fast' | 'immediate'): Strike => ({
  kind: 'database-restart',
  mode,
  ...back(chance),
});
const vendor = (chance: Chance): Strike => ({
  kind: 'vendor',
  fault: `${chance.one(vendorFaults)}=times:${chance.whole(1, 4)}`,
});
/** Forwards and backwards, from half a minute to six hours: no further, or it would be another day's import. */
const clockJump = (chance: Chance): Strike => ({
  kind: 'clock-jump',
  byMs: chance.one([-1, 1]) * chance.whole(30, 6 * 3600) * 1000,
});

/** What can happen. Consecutive faults of consecutive seeds go through all of it in turn. */
const makers: readonly ((chance: Chance) => Strike)[] = [
  kill,
  (chance) => restart(chance, 'fast'),
  (chance) => ({ kind: 'cut-copy', bytes: chance.whole(1, 60_000) }),
  (chance) => partition(chance, 'database'),
  (chance) => ({ kind: 'redis-kill', ...back(chance) }),
  vendor,
  () => ({ kind: 'backend-kill' }),
  kill,
  (chance) => ({ kind: 'freeze', beyondMs: chance.whole(500, 3000) }),
  (chance) => ({ kind: 'cut', link: chance.one(links) }),
  (chance) => restart(chance, 'immediate'),
  (chance) => ({ kind: 'disk-full', ...lasting(chance) }),
  () => ({ kind: 'redis-flush' }),
  kill,
  (chance) => partition(chance, 'vendor'),
  clockJump,
  (chance) => ({ kind: 'database-kill', ...back(chance) }),
  (chance) => ({
    kind: 'slow',
    link: chance.one(links),
    delayMs: chance.whole(50, 400),
    ...lasting(chance),
  }),
  (chance) => ({ kind: 'redis-restart', ...back(chance) }),
  () => ({ kind: 'cut', link: 'database' }),
  (chance) => partition(chance, 'redis'),
  (chance) => ({
    kind: 'narrow',
    link: chance.one(links),
    bytesPerSecond: chance.whole(20_000, 200_000),
    ...lasting(chance),
  }),
  vendor,
  () => ({ kind: 'cut-commit' }),
];

/** How many different things can happen. */
export const strikeVariety = makers.length;

/** The faults of one import, in the order they strike; the same for the same seed, wherever it runs. */
export function scheduleOf(seed: number, count: number = FAULTS_A_CASE): Fault[] {
  const chance = createChance(seed);
  return Array.from({ length: count }, (_, index) => ({
    n: index + 1,
    // Some work is done before the first and some is left after the last.
    at: 0.03 + (0.82 * (index + chance.fraction())) / count,
    aim: chance.fraction(),
    strike: makers[(seed * FAULTS_A_CASE + index) % makers.length]!(chance),
  }));
}
