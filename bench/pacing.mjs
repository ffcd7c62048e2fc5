// Several processes that share a key: grants a second, budget used, what a limit sees, and how a lower one is found.
// Prints Markdown tables; the rows of bench/results.md come from here.
// Usage: node bench/pacing.mjs [--seconds N] [--slow-seconds N] [--lowered-seconds N]
import { numberOption } from './options.mjs';
import { leastGap, measurePacing } from './paced-processes.mjs';

const seconds = numberOption('--seconds', 20);
console.log('| slots only, no pacing | a second |\n|---|---|');
for (const processes of [1, 4]) {
  const { sent } = await measurePacing({ processes, seconds: 5 });
  console.log(`| ${plural(processes)} | ${Math.round(sent.length / 5)} |`);
}

console.log(
  '\n| at 12 ms | slots | least gap ms | handed out of what 12.12 ms allow % | sent of it % | sent before its slot | late ms p50 | p99 | most sent in a second | beyond a bucket of 50 ms | 429 at 83 a second |\n|---|---|---|---|---|---|---|---|---|---|---|',
);
for (const processes of [1, 4]) {
  const run = await measurePacing({
    processes,
    seconds,
    intervalMs: 12,
    rate: { requests: 83, perMs: 1000 },
  });
  const { slots, sent, late } = run;
  const meanGap = (slots.at(-1) - slots[0]) / (slots.length - 1);
  const meanSent = (sent.at(-1) - sent[0]) / (sent.length - 1);
  const cells = [
    plural(processes),
    slots.length,
    leastGap(slots).toFixed(3),
    ((100 * 12.12) / meanGap).toFixed(1),
    ((100 * 12.12) / meanSent).toFixed(1),
    sent.filter((at, n) => at < slots[n]).length,
    late[late.length >> 1].toFixed(1),
    late[Math.floor(late.length * 0.99)].toFixed(1),
    mostInASecond(sent),
    overTheBucket(sent),
    run.refusals.flat().length,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

const slow = numberOption('--slow-seconds', 180);
const slowRun = await measurePacing({
  processes: 4,
  seconds: slow,
  intervalMs: 1000,
  rate: { requests: 5, perMs: 5000 },
});
console.log(
  `\nFive in five seconds, asked for at 1000 ms by 4 processes for ${slow} s: ${slowRun.sent.length} requests, ${slowRun.refusals.flat().length} times 429, least gap ${leastGap(slowRun.slots).toFixed(1)} ms.`,
);

const lowered = numberOption('--lowered-seconds', 60);
console.log(
  '\n| true limit, lowered after 5 s at 12 ms, 4 processes | 429 by process | last 429 s after that | used of the true limit in the last 20 s % |\n|---|---|---|---|',
);
for (const [name, rate] of [
  ['40 a second', { requests: 40, perMs: 1000 }],
  ['10 a second', { requests: 10, perMs: 1000 }],
  ['100 a minute', { requests: 100, perMs: 60_000 }],
]) {
  const run = await measurePacing({ processes: 4, seconds: lowered, intervalMs: 12, lowerTo: rate });
  const last = Math.max(...run.refusals.flat(), run.loweredAt);
  const lately = run.sent.filter((at) => at > run.endedAt - 20_000).length;
  const used = (100 * lately) / ((20_000 * rate.requests) / rate.perMs);
  const cells = [
    name,
    run.refusals.map((all) => all.length).join(', '),
    ((last - run.loweredAt) / 1000).toFixed(1),
    used.toFixed(0),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function plural(processes) {
  return processes === 1 ? '1 process' : `${processes} processes`;
}

/** How many a bucket that gives a token every 12 ms and tolerates 50 ms would have refused. */
function overTheBucket(times) {
  let over = 0;
  let nextAt = 0;
  for (const at of times) {
    if (nextAt - at > 50) over++;
    else nextAt = Math.max(nextAt, at) + 12;
  }
  return over;
}

function mostInASecond(times) {
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last] - times[first] >= 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
