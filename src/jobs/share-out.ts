import { setTimeout as delay } from 'node:timers/promises';

/** Somebody who takes items beside this process, as many at once as it has room for. */
export interface Helper<T> {
  /** How many more it can take now. */
  room(): number;
  /** Works one item elsewhere; false when it comes back undone, to be taken again. */
  work(item: T): Promise<boolean>;
}

/** How often a full or absent helper is looked at again. */
const LOOK_EVERY_MS = 100;

/**
 * Works items here, `atOnce` together, and with a helper, until every one is done. The first failure that concerns
 * the whole run ends it, and is thrown once all that was begun has ended.
 */
export async function shareOut<T>(
  feed: AsyncIterable<T>,
  here: { readonly atOnce: number; work(item: T): Promise<void> },
  helper: Helper<T> | null,
  signal: AbortSignal,
): Promise<void> {
  const items = feed[Symbol.asyncIterator]();
  const returned: T[] = [];
  const failures: unknown[] = [];
  let isDry = false;
  let out = 0;
  const isOver = (): boolean => failures.length > 0 || signal.aborted;

  // One asks the feed at a time: it may have to do something between two items.
  let asking: Promise<unknown> = Promise.resolve();
  const take = (): Promise<T | undefined> => {
    const taken = asking.then(async () => {
      if (returned.length > 0 || isDry) return returned.shift();
      const next = await items.next();
      if (next.done !== true) return next.value;
      isDry = true;
      return returned.shift();
    });
    asking = taken.catch(() => {});
    return taken;
  };

  const workHere = async (): Promise<void> => {
    while (!isOver()) {
      const item = await take();
      if (item !== undefined) await here.work(item);
      else if (out === 0) return;
      else await delay(LOOK_EVERY_MS);
    }
  };
  const handOut = async ({ room, work }: Helper<T>): Promise<void> => {
    const working = new Set<Promise<void>>();
    while (!isOver()) {
      const item = room() > 0 ? await takeOut() : undefined;
      if (item === undefined) {
        if (isDry && returned.length === 0 && working.size === 0) break;
        await delay(LOOK_EVERY_MS);
        continue;
      }
      const one = workElsewhere(item, work).finally(() => {
        out--;
        working.delete(one);
      });
      working.add(one);
    }
    await Promise.all(working);
  };
  const workElsewhere = async (item: T, work: Helper<T>['work']): Promise<void> => {
    try {
      if (!(await work(item))) returned.push(item);
    } catch (error) {
      failures.push(error);
    }
  };
  // Counted before it is out, or those who work here would think that nothing can come back.
  const takeOut = async (): Promise<T | undefined> => {
    out++;
    const item = await take().catch((error: unknown) => void failures.push(error));
    if (item === undefined) out--;
    return item ?? undefined;
  };

  await Promise.all([
    ...Array.from({ length: here.atOnce }, () =>
      workHere().catch((error: unknown) => void failures.push(error)),
    ),
    ...(helper === null ? [] : [handOut(helper)]),
  ]);
  if (failures.length > 0) throw failures[0];
}
