import type pg from 'pg';
import { AppError, toAppError } from '../errors.ts';
import { finalThrough } from '../market/finality.ts';
import type { AskedBars } from '../planning/asked-bars.ts';
import { type ImportPlan, type PlanningFacts, planRequests } from '../planning/import-plan.ts';
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
    return planRequests(asked, await readFacts(client, asked.symbols, { now, refresh }));
  } catch (error) {
    return rethrowStorage(error);
  }
}

/** What is known of some symbols, and the rules that tell from it what to ask. */
export async function readFacts(
  client: pg.Pool | pg.ClientBase,
  symbols: readonly string[],
  { now, refresh = false }: { readonly now: number; readonly refresh?: boolean | undefined },
): Promise<PlanningFacts> {
  const known = await readKnown(client, symbols);
  const refused = await readRefusedHistory(client);
  return { known, refused, finalThrough: finalThrough(now), refresh };
}

export function rethrowStorage(error: unknown): never {
  if (error instanceof AppError) throw error;
  throw new AppError('STORAGE_FAILED', `Could not read the database: ${toAppError(error).message}`, {
    cause: error,
  });
}
