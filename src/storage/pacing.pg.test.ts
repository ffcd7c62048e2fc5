import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { describePaceRow, learned } from '../../test/support/pace-row-contract.ts';
import { scratchDatabase } from '../../test/support/scratch-database.ts';
import { logSlots, loggedSlots } from '../../test/support/slot-log.ts';
import { type Database, openDatabase } from './database.ts';
import { createPaceRow } from './pacing.ts';

const never = new AbortController().signal;
/** What the server's microseconds and doubles leave. */
const ROUNDING_MS = 0.002;

const newKey = (): Buffer => randomBytes(32);
const patience = { clock: createFakeClock(), patienceMs: 10_000 };
const open = (databaseUrl: string): Promise<Database> =>
  openDatabase({ databaseUrl, dataDir: '', schema: 'public', asOf: undefined });

describe('slots in PostgreSQL', () => {
  const database = openedDatabase();
  const rowOf = (key: Buffer) => createPaceRow(database(), key, patience);

  describePaceRow(() => rowOf(newKey()));

  it('are a key’s own', async () => {
    const [one, other] = [rowOf(newKey()), rowOf(newKey())];
    await one.take(60_000, never);
    expect(await other.take(60_000, never)).toMatchObject({ waitMs: 0 });
  });

  it('are handed out while batches keep every other connection busy', async () => {
    const { pool } = database();
    const busy = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
    try {
      await Promise.all(busy.map((client) => client.query('BEGIN')));
      expect(await rowOf(newKey()).take(1000, never)).toMatchObject({ waitMs: 0 });
    } finally {
      for (const client of busy) client.release(true);
    }
  });

  it('go on when the server’s clock was set back', async () => {
    const key = newKey();
    const row = rowOf(key);
    const { changes } = await row.take(1000, never);
    await row.pause(1000, changes);
    await database().pool.query(
      `UPDATE pacing SET slot_at = slot_at + interval '1 day', paused_until = paused_until + interval '1 day' WHERE fingerprint = $1`,
      [key],
    );
    expect((await row.take(1000, never)).waitMs).toBeLessThanOrEqual(1000);
    expect((await row.take(1000, never)).waitMs).toBeLessThanOrEqual(2000);
  });

  it('remember that some were free and nobody wanted them', async () => {
    const key = newKey();
    const row = rowOf(key);
    expect(await row.take(100, never)).toMatchObject({ isUnbroken: true });
    await database().pool.query(
      `UPDATE pacing SET slot_at = slot_at - interval '1 minute' WHERE fingerprint = $1`,
      [key],
    );
    expect(await row.take(100, never)).toMatchObject({ waitMs: 0, isUnbroken: false });
  });

  it('can be had again after the connection was lost, and nobody is told', async () => {
    const clock = createFakeClock();
    const row = createPaceRow(database(), newKey(), { clock, patienceMs: 10_000 });
    await row.take(1000, never);
    await database().pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(await row.take(1000, never)).toMatchObject({ grants: 2 });
    expect(clock.slept.length).toBeLessThanOrEqual(1);
  });

  it('are a failure of storage when the database stays away', async (context) => {
    const slots = new pg.Pool({ host: '127.0.0.1', port: 1 });
    context.onTestFinished(() => slots.end());
    const clock = createFakeClock();
    const row = createPaceRow({ slots }, newKey(), { clock, patienceMs: 5000 });
    await expect(row.take(1000, never)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message:
        'Could not take a request slot: connect ECONNREFUSED 127.0.0.1:1. Check that the database is up, then run the same command again; what was stored stays.',
    });
    expect(clock.slept).toEqual([250, 500, 1000, 2000, 2000]);
  });

  it('are durable and orderly whatever the server’s defaults', async (context) => {
    const scratch = await scratchDatabase(context);
    const name = /[^/]+$/.exec(new URL(scratch.url).pathname)![0];
    await scratch.pool.query(`ALTER DATABASE ${name} SET default_transaction_isolation TO 'serializable'`);
    await scratch.pool.query(`ALTER DATABASE ${name} SET synchronous_commit TO off`);
    const opened = await Promise.all([1, 2, 3].map(() => open(scratch.url)));
    context.onTestFinished(async () => void (await Promise.all(opened.map((one) => one.close()))));
    const key = newKey();
    await Promise.all(
      opened.map(async (one) => {
        const row = createPaceRow(one, key, patience);
        for (let n = 0; n < 50; n++) await row.take(0.1, never);
      }),
    );
    const { rows } = await opened[0]!.slots.query('SELECT grants FROM pacing');
    expect(rows).toEqual([{ grants: 150 }]);
    const setting = await opened[0]!.slots.query('SHOW synchronous_commit');
    expect(setting.rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('are never closer than the gap in force, or in a pause, whoever takes, pauses and changes at the same time', async () => {
    await logSlots(database().pool);
    const others = await Promise.all([1, 2, 3].map(() => open(database().url)));
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant({ kind: 'take' as const, ms: 0 }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.nat(20) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('change' as const), ms: fc.integer({ min: 1, max: 15 }) }),
      },
    );
    const plans = fc.array(fc.array(step, { maxLength: 25 }), { minLength: 4, maxLength: 4 });
    try {
      await fc.assert(
        fc.asyncProperty(plans, async (stepsOfEach) => {
          await database().pool.query('TRUNCATE slot_log');
          const key = newKey();
          await Promise.all(
            stepsOfEach.map(async (steps, at) => {
              const row = createPaceRow(others[at] ?? database(), key, patience);
              let { changes } = await row.take(5, never);
              for (const one of steps) {
                if (one.kind === 'take') ({ changes } = await row.take(5, never));
                else if (one.kind === 'pause') ({ changes } = await row.pause(one.ms, changes));
                else await row.change(changes, learned(one.ms));
              }
            }),
          );
          const slots = await loggedSlots(database().pool);
          expect(slots.length).toBeGreaterThanOrEqual(4);
          for (const [before, slot] of slots.slice(1).entries()) {
            const gapMs = slot.at - slots[before]!.at;
            expect(gapMs).toBeGreaterThan(Math.max(5, slot.gapMs) - ROUNDING_MS);
            expect(slot.at).toBeGreaterThan(slot.pausedUntil - ROUNDING_MS);
          }
        }),
        { numRuns: 15 },
      );
    } finally {
      await Promise.all(others.map((one) => one.close()));
    }
  });
});
