import type { Clock } from '../clock.ts';
import type { PageToStore } from '../storage/batch.ts';
import type { KeptAnswer } from '../storage/run-answers.ts';
import type { SymbolOutcome } from '../storage/runs.ts';
import { type PackedPages, packPages } from './packed-pages.ts';

/** Aborting without a reason makes an exception with a stack each time. */
const HURRY = 'a batch is full';

type Item = PackedPages | { readonly outcome: SymbolOutcome } | { readonly answer: KeptAnswer };

/** What is written at once. */
export interface WriterBatch {
  readonly pages: PageToStore[];
  readonly outcomes: SymbolOutcome[];
  readonly answers: KeptAnswer[];
}

/** Pages, answers and ended symbols in the order they came; a symbol's end never overtakes its pages. */
export interface BatchWriter {
  /** Resolves when there is room for more. Rejects with the failure that ended the writer. */
  add(page: PageToStore): Promise<void>;
  /** The same for pages that came together. */
  addAll(pages: readonly PageToStore[]): Promise<void>;
  end(outcome: SymbolOutcome): void;
  keep(answer: KeptAnswer): void;
  /** Resolves when everything given is written. */
  drain(): Promise<void>;
}

export interface BatchWriterConfig {
  /** Rows that fill a batch. */
  readonly batchRows: number;
  /** How long the first page of a batch waits for company. */
  readonly lingerMs: number;
}

/**
 * Gathers pages of many symbols into batches and writes one at a time, so that rows are stored by
 * the ten thousand however small the pages are. While one is written another
 * may fill; beyond that `add` holds.
 */
export function createBatchWriter(
  config: BatchWriterConfig,
  write: (batch: WriterBatch) => Promise<void>,
  clock: Clock,
): BatchWriter {
  let queue: Item[] = [];
  let queuedRows = 0;
  let working: Promise<void> | undefined;
  let failure: unknown;
  let hurry = new AbortController();
  let draining = false;
  const waiting: (() => void)[] = [];

  const rowsOf = (item: Item): number => ('rows' in item ? item.rows : 0);

  const take = (): Item[] => {
    let rows = 0;
    const end = queue.findIndex((item) => (rows += rowsOf(item)) >= config.batchRows);
    // Ends that directly follow travel with the pages they belong to.
    let count = end === -1 ? queue.length : end + 1;
    while (count < queue.length && !('rows' in queue[count]!)) count += 1;
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    queuedRows -= taken.reduce((sum, item) => sum + rowsOf(item), 0);
    return taken;
  };

  const linger = async (): Promise<void> => {
    if (draining || queuedRows >= config.batchRows) return;
    hurry = new AbortController();
    await clock.sleep(config.lingerMs, hurry.signal).catch(() => {});
  };

  const toBatch = (items: Item[]): WriterBatch => ({
    pages: items.flatMap((item) => ('rows' in item ? item.unpack() : [])),
    outcomes: items.flatMap((item) => ('outcome' in item ? item.outcome : [])),
    answers: items.flatMap((item) => ('answer' in item ? item.answer : [])),
  });

  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      await linger();
      const items = take();
      while (queuedRows < config.batchRows && waiting.length > 0) waiting.shift()?.();
      await write(toBatch(items));
    }
  };

  const start = (): void => {
    working ??= work()
      .catch((error: unknown) => {
        failure = error;
        queue = [];
        for (const resume of waiting.splice(0)) resume();
      })
      .finally(() => {
        working = undefined;
        // Something may have come between the last look at the queue and here.
        if (queue.length > 0) start();
      });
  };

  const put = (items: readonly Item[]): void => {
    if (failure !== undefined || items.length === 0) return;
    for (const item of items) {
      queue.push(item);
      queuedRows += rowsOf(item);
    }
    if (queuedRows >= config.batchRows) hurry.abort(HURRY);
    start();
  };

  const addAll = async (pages: readonly PageToStore[]): Promise<void> => {
    put(packPages(pages));
    if (queuedRows >= config.batchRows) await new Promise<void>((resume) => waiting.push(resume));
    if (failure !== undefined) throw failure;
  };

  return {
    add: (page) => addAll([page]),
    addAll,
    end: (outcome) => put([{ outcome }]),
    keep: (answer) => put([{ answer }]),
    async drain() {
      draining = true;
      hurry.abort(HURRY);
      // Each turn may have started the next.
      for (let turn = working; turn !== undefined; turn = working) await turn;
      draining = false;
      if (failure !== undefined) throw failure;
    },
  };
}
