import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { AppError } from '../errors.ts';
import type { Database } from './database.ts';
import { createPatientDatabase } from './patient-database.ts';

const lost = (): AppError => new AppError('STORAGE_FAILED', 'Could not try: the connection was lost.');
const refused = (): AppError =>
  new AppError('STORAGE_FAILED', 'Could not try: no rights.', { retryable: false });

/** A database that fails first with the failures listed. */
function failing(failures: AppError[]): Database {
  return {
    pool: {} as never,
    slots: {} as never,
    close: async () => {},
    async transaction(_, work) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return work({} as never);
    },
  };
}

describe('a patient database', () => {
  it('repeats a transaction after longer and longer waits while the server is away, and says so once', async () => {
    const clock = createFakeClock();
    const said: string[] = [];
    const database = createPatientDatabase(
      failing(Array.from({ length: 6 }, lost)),
      { clock, patienceMs: 120_000 },
      ({ message }) => said.push(message),
    );
    expect(await database.transaction('try', async () => 'done')).toBe('done');
    expect(clock.slept).toEqual([250, 500, 1000, 2000, 2000, 2000]);
    expect(said).toEqual(['Could not try: the connection was lost.']);
  });

  it('gives up after two minutes with the last failure', async () => {
    const clock = createFakeClock(0);
    const database = createPatientDatabase(
      failing(Array.from({ length: 1000 }, lost)),
      { clock, patienceMs: 120_000 },
      () => {},
    );
    await expect(database.transaction('try', async () => 'done')).rejects.toThrow('the connection was lost');
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
    expect(clock.now()).toBeLessThan(125_000);
  });

  it('is not appeased by reads that succeed while nothing can be written', async () => {
    const clock = createFakeClock(0);
    const said: string[] = [];
    const full = {
      ...failing([]),
      transaction: async (attempted: string, work: (client: never) => Promise<unknown>) => {
        if (attempted === 'store') throw lost();
        return work({} as never);
      },
    } as Database;
    const database = createPatientDatabase(full, { clock, patienceMs: 120_000 }, ({ message }) =>
      said.push(message),
    );
    const stored = database.transaction('store', async () => 'done');
    const reading = (async () => {
      while (clock.now() < 100_000) {
        await database.transaction('read', async () => 'done');
        await clock.sleep(1000);
      }
    })();
    await expect(stored).rejects.toThrow('the connection was lost');
    await reading;
    expect(said).toHaveLength(1);
  });

  it('does not repeat what cannot succeed', async () => {
    const clock = createFakeClock();
    const database = createPatientDatabase(failing([refused()]), { clock, patienceMs: 120_000 }, () => {});
    await expect(database.transaction('try', async () => 'done')).rejects.toThrow('no rights');
    expect(clock.slept).toEqual([]);
  });
});
