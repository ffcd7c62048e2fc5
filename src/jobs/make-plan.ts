import type { Clock } from '../clock.ts';
import { AppError, toAppError } from '../errors.ts';
import { finalThrough } from '../market/finality.ts';
import type { AskedBars } from '../planning/asked-bars.ts';
import { type ImportPlan, planRequests } from '../planning/import-plan.ts';
import type { Database } from '../storage/database.ts';
import { readKnown, readRefusedHistory } from '../storage/known-coverage.ts';

/**
 * What is to be asked of what a run wants, by what the database knows now. `refresh` asks for everything again.
 * @throws AppError STORAGE_FAILED when the database cannot be read.
 */
export async function makePlan(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  asked: AskedBars,
  { refresh = false }: { readonly refresh?: boolean | undefined },
): Promise<ImportPlan> {
  const [known, refused] = await Promise.all([
    readKnown(database.pool, asked.symbols),
    readRefusedHistory(database.pool),
  ]).catch(rethrowStorage);
  return planRequests(asked, { known, refused, finalThrough: finalThrough(clock.now()), refresh });
}

export function rethrowStorage(error: unknown): never {
  if (error instanceof AppError) throw error;
  throw new AppError('STORAGE_FAILED', `Could not read the database: ${toAppError(error).message}`, {
    cause: error,
  });
}
