import type { Database } from '../storage/database.ts';
import { type OpenRun, listOpenRuns } from '../storage/run-signs.ts';

/** Longer than a long pause of a process, shorter than anybody's patience. */
const SILENCE_MS = 5000;

/** Finds runs nobody works on. */
export interface DeadRunWatch {
  /** Those that wait for a process, and those whose sign of life has stayed the same over SILENCE_MS of looking. */
  look(): Promise<OpenRun[]>;
}

/**
 * It is the looking that counts, by a clock that never jumps: after a restart of the database every run looks silent
 * at first.
 */
export function createDeadRunWatch(
  database: Pick<Database, 'pool'>,
  now: () => number = () => performance.now(),
): DeadRunWatch {
  let seen = new Map<string, { readonly sign: string | null; readonly since: number }>();
  return {
    async look() {
      const open = await listOpenRuns(database.pool);
      const at = now();
      seen = new Map(
        open.map(({ runId, attempt, sign }) => {
          const key = `${runId} ${attempt}`;
          const before = seen.get(key);
          return [key, before?.sign === sign ? before : { sign, since: at }];
        }),
      );
      return open.filter(
        ({ runId, attempt, sign }) =>
          sign === null || at - (seen.get(`${runId} ${attempt}`)?.since ?? at) >= SILENCE_MS,
      );
    },
  };
}
