// Several processes that share a key: grants a second, budget used, what a limit sees, and how a lower one is found.
// Prints Markdown tables; the rows of bench/results.md come from here.
// Usage: node bench/pacing.mjs [--seconds N] [--slow-seconds N] [--lowered-seconds N]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from '../dist/clock.js';
import { createMassiveFetcher } from '../dist/massive/fetcher.js';
import { createPacer } from '../dist/massive/pacing.js';
import { createSandbox } from '../dist/sandbox/sandbox.js';
import { openDatabase } from '../dist/storage/database.js';
import { createPaceRow } from '../dist/storage/pacing.js';
import { numberOption } from './number-option.mjs';

const FINGERPRINT = Buffer.alloc(32, 7);
const WORKERS = 10;

if (process.send === undefined) await measureAll();
else await work(JSON.parse(process.argv[2]));

/** One process: ten workers that ask the vendor as fast as they get turns, or only take slots. */
async function work({ dataDir, vendor, intervalMs, seconds }) {
  const clock = createClock();
  const database = await openDatabase({ databaseUrl: undefined, dataDir, schema: 'public', asOf: undefined });
  const shared = createPaceRow(database, FINGERPRINT, { clock, patienceMs: 0 });
  const dueAt = new Map();
  const row = {
    ...shared,
    async take(...args) {
      const slot = await shared.take(...args);
      dueAt.set(`${slot.changes}/${slot.grants}`, now() + slot.waitMs);
      return slot;
    },
  };
  const late = [];
  const stop = new AbortController();
  const sent = [];
  const refusedAt = [];
  process.send({ ready: true });
  await once(process, 'message');
  const end = setTimeout(() => stop.abort(new Error('over')), seconds * 1000);
  if (vendor === undefined) {
    while (!stop.signal.aborted) {
      await row.take(0.001, stop.signal);
      sent.push(now());
    }
  } else {
    const pacer = createPacer({ intervalMs, row }, clock);
    const fetcher = createMassiveFetcher(
      { baseUrl: vendor.url, apiKey: vendor.key, rateLimitMs: intervalMs, timeoutMs: 30_000 },
      {
        clock,
        random: Math.random,
        pacer: {
          ...pacer,
          async take(...args) {
            const turn = await pacer.take(...args);
            sent.push(now());
            late.push(now() - dueAt.get(`${turn.changes}/${turn.nth}`));
            return turn;
          },
        },
        onRetry: ({ error }) => error.code === 'API_RATE_LIMIT' && refusedAt.push(now()),
      },
    );
    const worker = async () => {
      while (!stop.signal.aborted) await fetcher.marketStatus(stop.signal).catch(ignoreTheEnd);
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    await fetcher.close();
  }
  clearTimeout(end);
  await database.close();
  process.send({ sent, late, refusedAt }, () => process.disconnect());

  function ignoreTheEnd(error) {
    if (!stop.signal.aborted) throw error;
  }
}

async function measureAll() {
  const seconds = numberOption('--seconds', 20);
  console.log('| slots only, no pacing | a second |\n|---|---|');
  for (const processes of [1, 4]) {
    const { sent } = await measure({ processes, seconds: 5 });
    console.log(`| ${plural(processes)} | ${Math.round(sent.length / 5)} |`);
  }

  console.log(
    '\n| at 12 ms | slots | least gap ms | handed out of what 12.12 ms allow % | sent of it % | sent before its slot | late ms p50 | p99 | most sent in a second | beyond a bucket of 50 ms | 429 at 83 a second |\n|---|---|---|---|---|---|---|---|---|---|---|',
  );
  for (const processes of [1, 4]) {
    const run = await measure({ processes, seconds, intervalMs: 12, rate: { requests: 83, perMs: 1000 } });
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
  const slowRun = await measure({
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
    const run = await measure({ processes: 4, seconds: lowered, intervalMs: 12, lowerTo: rate });
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
}

async function measure({ processes, seconds, intervalMs, rate, lowerTo }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
  const database = await openDatabase({ databaseUrl: undefined, dataDir, schema: 'public', asOf: undefined });
  const sandbox = intervalMs && (await createSandbox({ clock: createClock(), symbols: 1, rate }));
  try {
    // Only here: the program itself keeps no log of slots.
    await database.pool.query(`
      CREATE TABLE slot_log (n bigint GENERATED ALWAYS AS IDENTITY, slot_at timestamptz);
      CREATE FUNCTION log_slot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO slot_log (slot_at) VALUES (NEW.slot_at); RETURN NULL; END $$;
      ${intervalMs ? 'CREATE TRIGGER log_slot AFTER INSERT OR UPDATE OF slot_at ON pacing FOR EACH ROW EXECUTE FUNCTION log_slot()' : ''}`);
    const vendor = sandbox && { url: sandbox.url, key: sandbox.key };
    const options = JSON.stringify({ dataDir, vendor, intervalMs, seconds });
    const children = Array.from({ length: processes }, () => fork(fileURLToPath(import.meta.url), [options]));
    await Promise.all(children.map((child) => once(child, 'message')));
    const ended = Promise.all(children.map((child) => once(child, 'message')));
    for (const child of children) child.send('go');
    let loweredAt = Number.NaN;
    const lower = setTimeout(() => {
      if (lowerTo === undefined) return;
      sandbox.setRate(lowerTo);
      loweredAt = now();
    }, 5000);
    const answers = (await ended).map(([answer]) => answer);
    clearTimeout(lower);
    const { rows } = await database.pool.query(
      'SELECT extract(epoch FROM slot_at)::float8 * 1000 AS at FROM slot_log ORDER BY n',
    );
    return {
      slots: rows.map(({ at }) => at),
      late: answers.flatMap(({ late }) => late).toSorted((a, b) => a - b),
      sent: answers.flatMap(({ sent }) => sent).toSorted((a, b) => a - b),
      refusals: answers.map(({ refusedAt }) => refusedAt),
      loweredAt,
      endedAt: now(),
    };
  } finally {
    await sandbox?.close();
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** As fine as the server's clock, which is the same machine's. */
function now() {
  return performance.timeOrigin + performance.now();
}

function plural(processes) {
  return processes === 1 ? '1 process' : `${processes} processes`;
}

function leastGap(times) {
  return Math.min(...times.slice(1).map((time, before) => time - times[before]));
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
