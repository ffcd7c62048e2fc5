import type { AttemptSettings } from '../../src/jobs/import-attempt.ts';

/** What an import is set to as shipped, but unpaced and not as patient with its database. */
export const attemptSettings: AttemptSettings = {
  parallelWorkers: 10,
  symbolBatch: 100,
  continueOnError: true,
  successThreshold: 80,
  batchRows: 20_000,
  useCopy: true,
  storagePatienceMs: 2000,
  intervalMs: 0,
  symbolTimeoutMs: 900_000,
};
