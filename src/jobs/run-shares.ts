import type { AppError } from '../errors.ts';
import type { AttemptDeps } from './import-attempt.ts';
import type { Item } from './fleet.ts';
import { type ShareOfRun, openShare } from './share-of-run.ts';

/** A share nobody had an item of for so long is closed. */
const IDLE_MS = 3000;

/** The shares of runs that one worker process has in work. */
export interface RunShares {
  work(item: Item): Promise<void>;
  /** Stops all of them; what came is stored. */
  close(reason: AppError): Promise<void>;
}

export function createRunShares(deps: AttemptDeps, worker: string): RunShares {
  const shares = new Map<
    string,
    { share: Promise<ShareOfRun | null>; items: number; idle?: NodeJS.Timeout }
  >();
  return {
    async work(item) {
      const key = `${item.runId} ${item.attempt}`;
      const own = shares.get(key) ?? { share: openShare(item, deps, worker), items: 0 };
      shares.set(key, own);
      clearTimeout(own.idle);
      own.items++;
      try {
        await (await own.share)?.work(item.work);
      } catch (error) {
        // What cannot store any more is no use to the next item either.
        shares.delete(key);
        void own.share.then((share) => share?.close()).catch(() => {});
        throw error;
      } finally {
        own.items--;
        if (own.items === 0 && shares.get(key) === own)
          own.idle = setTimeout(() => {
            shares.delete(key);
            void own.share.then((share) => share?.close()).catch(() => {});
          }, IDLE_MS);
      }
    },
    async close(reason) {
      const open = [...shares.values()];
      shares.clear();
      await Promise.all(
        open.map(async ({ share, idle }) => {
          clearTimeout(idle);
          await (await share.catch(() => null))?.close(reason);
        }),
      );
    },
  };
}
