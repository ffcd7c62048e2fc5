// Planning the fewest requests for 12,000 symbols over 2,500 sessions, grouping included, against a second.
// Prints a Markdown table; the rows of bench/results.md come from here. Usage: node bench/planner.mjs [--times N]
import { groupByGaps, minimumRequests } from '../dist/planning/minimum-requests.js';
import { numberOption } from './options.mjs';

const SYMBOLS = 12_000;
const SESSIONS = 2500;
const LAST = SESSIONS - 1;
const BOUND_MS = 1000;
const bytes = { groupedDay: 1_300_000, rangeSession: 105, range: 300 };
const times = numberOption('--times', 5);

const below = randomOf(5);
// The staircase is the slowest shape found for its few runs: as many symbols as sessions, each lacking its own and the next five.
const cases = [
  { name: 'everything missing', runs: () => [[0, LAST]] },
  { name: 'nightly: the last two', runs: () => [[LAST - 1, LAST]] },
  { name: 'three missed, every 30th symbol new', runs: (n) => [[n % 30 === 0 ? 0 : LAST - 2, LAST]] },
  { name: '2,000 start dates', runs: (n) => [[n % 2000, LAST]] },
  { name: '3 short holes each', runs: () => holes(3, 5) },
  { name: '3 short holes each, a fifth groupable', runs: () => holes(3, 5), isGroupable: (n) => n >= 2000 },
  { name: '10 short holes each', runs: () => holes(10, 5) },
  {
    name: 'staircase of 2,500 symbols',
    symbols: SESSIONS,
    runs: (n) => [[n, Math.min(n + 5, LAST)]],
  },
];

console.log(
  '| case | bound ms | median ms | min | max | groups | grouped days | ranges |\n|---|---|---|---|---|---|---|---|',
);
for (const one of cases) {
  const gaps = Array.from({ length: one.symbols ?? SYMBOLS }, (_, n) => ({
    symbol: `S${n}`,
    runs: one.runs(n),
  }));
  const taken = [];
  let groups, plan;
  for (let n = 0; n < times; n++) {
    const startedAt = performance.now();
    groups = groupByGaps(gaps);
    plan = minimumRequests(groups, { sessions: SESSIONS, bytes, isGroupable: one.isGroupable });
    taken.push(performance.now() - startedAt);
  }
  taken.sort((a, b) => a - b);
  const measured = [taken[Math.floor(times / 2)], taken[0], taken.at(-1)].map((ms) => Math.round(ms));
  const cells = [one.name, BOUND_MS, ...measured, groups.length, plan.groupedDays.length, plan.ranges.length];
  console.log(`| ${cells.join(' | ')} |`);
}

/** So many random runs of up to `longest` sessions; fewer where they meet. */
function holes(count, longest) {
  return mergedRuns(
    Array.from({ length: count }, () => {
      const first = below(SESSIONS);
      return [first, Math.min(first + below(longest), LAST)];
    }),
  );
}

function mergedRuns(runs) {
  const merged = [];
  for (const [first, last] of runs.toSorted((a, b) => a[0] - b[0])) {
    if (first > last) continue;
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** Whole numbers from 0 to below `limit`, the same ones in every run (xorshift). */
function randomOf(seed) {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
