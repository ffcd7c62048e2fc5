import type pg from 'pg';
import { AppError, toAppError } from '../errors.ts';
import { finalThrough } from '../market/finality.ts';
import type { AskedBars } from '../planning/asked-bars.ts';
import { type ImportPlan, planRequests } from '../planning/import-plan.ts';
import { readKnown, readRefusedHistory } from '../storage/known-coverage.ts';

/**
 * What is to be asked of what a run wants, by what the database knows at `now` (ms since the epoch). `refresh` asks
 * for everything again.
 * @throws AppError STORAGE_FAILED when the database cannot be read.
 */
export async function makePlan(
  client: pg.Pool | pg.ClientBase,
  asked: AskedBars,
  { now, refresh = false }: { readonly now: number; readonly refresh?: boolean | undefined },
): Promise<ImportPlan> {
  try {
    const known = await readKnown(client, asked.symbols);
    const refused = await readRefusedHistory(client);
    return planRequests(asked, { known, refused, finalThrough: finalThrough(now), refresh });
  } catch (error) {
    return rethrowStorage(error);
  }
}

export function rethrowStorage(error: unknown): never {
  if (error instanceof AppError) throw error;
  throw new AppError('STORAGE_FAILED', `Could not read the database: ${toAppError(error).message}`, {
    cause: error,
  });
}
