import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../storage/database.ts';
import { readAnswers } from '../storage/run-answers.ts';
import { listEnded, listTaken } from '../storage/run-symbols.ts';
import { listWorkers } from '../storage/workers.ts';
import { type Fleet, type Item, type ItemQueue, type ItemResult, itemName } from './fleet.ts';
import { FEW_SYMBOLS } from './import-attempt.ts';

/** Items offered for each slot of the fleet: more than it can work until the conductor looks again, and again hands out. */
const OFFERS_PER_SLOT = 10;
const POLL_MS = 100;
const LOOK_MS = 1000;
/** An item neither waiting nor in work after so long was lost by the queue. */
const SWEEP_MS = 3000;
/** The pages workers have in hand when a run is told to stop may still come in. */
const LAST_ANSWERS_MS = 2000;

interface Offer {
  readonly id: string;
  readonly item: Item;
  at: number;
  isSettled: boolean;
  settle(result: ItemResult | null): void;
}

/**
 * Offers items of a run's attempt to the fleet and reads from the database what came of them: the queue may forget
 * what it likes. `totalSymbols`: small runs go ahead of large ones.
 */
export function createFleet(
  database: Pick<Database, 'pool'>,
  queue: ItemQueue,
  run: { readonly runId: string; readonly attempt: number; readonly totalSymbols: number },
): Fleet {
  const offers = new Map<string, Offer>();
  const stop = new AbortController();
  let slots = 0;
  let isUp = true;
  const isUrgent = run.totalSymbols <= FEW_SYMBOLS;

  const settle = (offer: Offer, result: ItemResult | null): void => {
    offer.isSettled = true;
    offers.delete(itemName(offer.item));
    offer.settle(result);
  };
  const add = async (offer: Offer): Promise<void> => {
    try {
      await queue.add(offer.id, offer.item, isUrgent);
      isUp = true;
    } catch {
      isUp = false;
    }
  };

  /** Settles what the database knows to be done. */
  const collect = async (): Promise<void> => {
    if (offers.size === 0) return;
    const names = [...offers.keys()];
    const ended = await listEnded(database.pool, run.runId, names);
    for (const { symbol, failure, processingTimeMs } of ended) {
      const offer = offers.get(symbol);
      if (offer !== undefined) settle(offer, { kind: 'ended', failure, processingTimeMs });
    }
    for (const { item, answer } of await readAnswers(database.pool, run.runId, names)) {
      const offer = offers.get(item);
      if (offer !== undefined) settle(offer, { kind: 'answer', answer });
    }
  };

  /** Offers again what the queue has lost; takes back what nobody is there for. */
  const sweep = async (): Promise<void> => {
    const now = performance.now();
    const late = [...offers.values()].filter(({ at }) => now - at >= SWEEP_MS);
    if (late.length === 0) return;
    if (slots > 0 && isUp) {
      for (const offer of late) {
        offer.at = now;
        if (!(await queue.has(offer.id)) && !offer.isSettled) await add(offer);
      }
      return;
    }
    const taken = slots > 0 ? new Set(await listTaken(database.pool, run.runId)) : new Set<string>();
    // Who has slept may not have heard yet what is done, and would have it done again.
    await collect();
    for (const offer of late) {
      if (offer.isSettled || taken.has(itemName(offer.item))) continue;
      await queue.remove(offer.id);
      settle(offer, null);
    }
  };

  const look = async (): Promise<void> => {
    slots = (await listWorkers(database.pool)).reduce((sum, worker) => sum + worker.slots, 0);
    await sweep().catch(() => (isUp = false));
    if (!isUp)
      isUp = await queue.has('none').then(
        () => true,
        () => false,
      );
  };
  const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
    while (!stop.signal.aborted) {
      // A database that is away stops the run by itself when it stays so.
      await work().catch(() => {});
      await delay(ms, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const loops = [every(POLL_MS, collect), every(LOOK_MS, look)];

  return {
    room: () => (isUp ? slots * OFFERS_PER_SLOT - offers.size : 0),
    async work(item, signal) {
      const name = itemName(item);
      const offer: Offer = {
        id: `${item.runId}.${item.attempt}.${name.replaceAll(/[^\w.-]/g, (letter) => `_${letter.charCodeAt(0)}_`)}`,
        item,
        at: performance.now(),
        isSettled: false,
        settle() {},
      };
      const settled = new Promise<ItemResult | null>((resolve) => (offer.settle = resolve));
      offers.set(name, offer);
      await add(offer);
      if (!isUp && !offer.isSettled) settle(offer, null);
      const stopped = new Promise<'stopped'>((resolve) => {
        if (signal.aborted) resolve('stopped');
        signal.addEventListener('abort', () => resolve('stopped'), { once: true });
      });
      const first = await Promise.race([settled, stopped]);
      if (first !== 'stopped') return first;
      await queue.remove(offer.id);
      const last = await Promise.race([settled, delay(LAST_ANSWERS_MS, null, { ref: false })]);
      offers.delete(name);
      if (last === null) throw signal.reason;
      return last;
    },
    async close() {
      stop.abort();
      await Promise.all(loops);
      await queue.close();
    },
  };
}
