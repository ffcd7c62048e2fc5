import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { describePaceRow, learned } from '../../test/support/pace-row-contract.ts';
import { leastGap, logSlots, loggedSlots } from '../../test/support/slot-log.ts';
import { createClock } from '../clock.ts';
import { openDatabase } from './database.ts';
import { createPaceRow } from './pacing.ts';

const never = new AbortController().signal;

describe('slots in PostgreSQL', () => {
  const database = openedDatabase();
  const newKey = (): Buffer => randomBytes(32);
  const rowOf = (key: Buffer) => createPaceRow(database(), key, createClock());

  describePaceRow(() => rowOf(newKey()));

  it('are a key’s own', async () => {
    const [one, other] = [rowOf(newKey()), rowOf(newKey())];
    await one.take(60_000, never);
    expect(await other.take(60_000, never)).toMatchObject({ waitMs: 0 });
  });

  it('are never closer than the gap in force, whoever takes, pauses and changes at the same time', async () => {
    await logSlots(database().pool);
    const others = await Promise.all(
      [1, 2, 3].map(() =>
        openDatabase({ databaseUrl: database().url, dataDir: '', schema: 'public', asOf: undefined }),
      ),
    );
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant({ kind: 'take' as const }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.nat(20) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('change' as const), ms: fc.integer({ min: 5, max: 15 }) }),
      },
    );
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { maxLength: 25 }), { minLength: 4, maxLength: 4 }),
          async (plans) => {
            await database().pool.query('TRUNCATE slot_log');
            const key = newKey();
            await Promise.all(
              plans.map(async (steps, at) => {
                const row = createPaceRow(others[at] ?? database(), key, createClock());
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
            // Microseconds are what the server keeps.
            expect(leastGap(slots)).toBeGreaterThan(5 - 0.002);
          },
        ),
        { numRuns: 15 },
      );
    } finally {
      await Promise.all(others.map((one) => one.close()));
    }
  });
});
