import { askWindows } from '../planning/asked-bars.ts';
import { listHeld } from '../storage/overlaps.ts';
import { readProgress } from '../storage/read-runs.ts';
import type { Attempt, AttemptDeps } from './import-attempt.ts';
import { makePlan } from './make-plan.ts';

const LOOK_EVERY_MS = 500;

/**
 * The parts an attempt is worked in: all at once, or, when runs that were at work before it are to import some of its
 * symbols, first the others and, once those are free, what they still lack. Attempts only ever wait for older ones,
 * so never for each other.
 */
export async function* roundsOf(
  attempt: Attempt,
  { database, clock, notice }: AttemptDeps,
  signal: AbortSignal,
): AsyncGenerator<Attempt> {
  const { plan, kept, others, request, runId } = attempt;
  const findHeld = async (symbols: readonly string[]): Promise<string[]> => {
    if (others.length === 0) return [];
    const wanted = { symbols, timeframes: plan.timeframes };
    return database.transaction('look for overlapping runs', (client) => listHeld(client, wanted, others));
  };
  const planAnew = (symbols: readonly string[]): Promise<Attempt['plan']> => {
    const asked = askWindows(symbols, plan.timeframes, plan.windows);
    return database.transaction('plan anew', (client) =>
      makePlan(client, asked, { ...request, now: clock.now() }),
    );
  };

  const held = new Set(await findHeld(plan.symbols.filter((symbol) => !kept.has(symbol))));
  if (held.size === 0) return yield attempt;
  notice(
    `Another run is importing ${held.size} of these ${plan.symbols.length} symbols: they wait until it has them.`,
  );
  const free = plan.symbols.filter((symbol) => !held.has(symbol));
  if (free.length > 0) yield { ...attempt, plan: await planAnew(free) };
  while ((await findHeld([...held])).length > 0) await clock.sleep(LOOK_EVERY_MS, signal);
  signal.throwIfAborted();
  const progress = await database.transaction('read the progress', (client) => readProgress(client, runId));
  yield { ...attempt, ...progress, kept: new Map(), plan: await planAnew([...held]) };
}
