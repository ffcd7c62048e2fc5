// Processes that share a key and ask a sandbox as fast as they get turns. Started by itself as one of them.
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
import { createPaceRow } from '../dist/storage/pacing.js';
import { openIn } from './open-database.mjs';

const SELF = fileURLToPath(import.meta.url);
const FINGERPRINT = Buffer.alloc(32, 7);
const WORKERS = 10;

if (process.argv[1] === SELF) await work(JSON.parse(process.argv[2]));

/**
 * So many processes for so many seconds: `slots`, when each was due by the database's clock, and `sent`, when requests
 * were, in order and ms; `late`, each request's delay behind its slot, sorted; `refusals`, when each process met a 429. Without `intervalMs` slots are
 * only taken. `rate` is what the sandbox allows, `lowerTo` what it allows after five seconds.
 */
export async function measurePacing({ processes, seconds, intervalMs, rate, lowerTo }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
  const database = await openIn(dataDir);
  const sandbox = intervalMs && (await createSandbox({ clock: createClock(), symbols: 1, rate }));
  try {
    // Only here: the program itself keeps no log of slots.
    await database.pool.query(`
      CREATE TABLE slot_log (n bigint GENERATED ALWAYS AS IDENTITY, slot_at timestamptz);
      CREATE FUNCTION log_slot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO slot_log (slot_at) VALUES (NEW.slot_at); RETURN NULL; END $$;
      ${intervalMs ? 'CREATE TRIGGER log_slot AFTER INSERT OR UPDATE OF slot_at ON pacing FOR EACH ROW EXECUTE FUNCTION log_slot()' : ''}`);
    const vendor = sandbox && { url: sandbox.url, key: sandbox.key };
    const options = JSON.stringify({ dataDir, vendor, intervalMs, seconds });
    const children = Array.from({ length: processes }, () => fork(SELF, [options]));
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

/** The least time between two neighbours, in ms. */
export function leastGap(times) {
  return Math.min(...times.slice(1).map((time, before) => time - times[before]));
}

/** One process: ten workers that ask the vendor as fast as they get turns, or only take slots. */
async function work({ dataDir, vendor, intervalMs, seconds }) {
  const clock = createClock();
  const database = await openIn(dataDir);
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

/** As fine as the server's clock, which is the same machine's. */
function now() {
  return performance.timeOrigin + performance.now();
}
