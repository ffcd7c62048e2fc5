import { z } from 'zod';
import type { KeptAnswer } from '../storage/run-answers.ts';
import type { DayBrief } from './day-import.ts';
import { dateField, failureField, timeframeField } from './json-fields.ts';
import type { Failure } from './judge-series.ts';

/** The range requests of a symbol, with what is known of it; as `SymbolToImport`, but in words JSON has. */
const rangeItem = z.object({
  kind: z.literal('ranges'),
  symbol: z.string(),
  ranges: z.array(z.object({ timeframe: timeframeField, from: dateField, to: dateField })),
  known: z.array(timeframeField),
  coveredFrom: z.object({ hourly: dateField.optional(), daily: dateField.optional() }),
  /** Why it fails whatever its ranges bring. */
  failure: failureField.nullable(),
});

/** A day of all stocks, wanted by all symbols of the run but some. */
const dayItem = z.object({
  kind: z.literal('day'),
  session: dateField,
  without: z.array(z.string()),
});

export const itemSchema = z.object({
  runId: z.string(),
  attempt: z.number().int(),
  work: z.discriminatedUnion('kind', [rangeItem, dayItem]),
});

/** A part of a run that any process can work. */
export type Item = z.infer<typeof itemSchema>;
export type RangeItem = z.infer<typeof rangeItem>;
export type DayItem = z.infer<typeof dayItem>;

/** What an item is called among those of its run. */
export const itemName = ({ work }: Pick<Item, 'work'>): string =>
  work.kind === 'ranges' ? work.symbol : `day ${work.session}`;

export const briefSchema = z.object({
  session: dateField,
  kind: z.enum(['served', 'empty', 'refused', 'failed']),
  failure: failureField.nullable(),
  stocks: z.number().int(),
  malformed: z.number().int(),
  missing: z.array(z.string()).nullable(),
  rejected: z.array(z.string()),
}) satisfies z.ZodType<DayBrief>;

/** What came of an item: an answer to be judged, or the end of its symbol. */
export type ItemResult =
  | { readonly kind: 'answer'; readonly answer: KeptAnswer['answer'] }
  | { readonly kind: 'ended'; readonly failure: Failure | null; readonly processingTimeMs: number };

/** The other processes that work a run's items. */
export interface Fleet {
  /** How many more items they can take now. */
  room(): number;
  /** Has an item worked; null when nobody took it, or its worker is lost and nobody else is there. */
  work(item: Item, signal: AbortSignal): Promise<ItemResult | null>;
  close(): Promise<void>;
}

/** Hands items to processes; it may lose them. */
export interface ItemQueue {
  /** @throws when it cannot be reached. */
  add(id: string, item: Item, urgent: boolean): Promise<void>;
  /** False for an item that is neither waiting nor in work. @throws when it cannot be reached. */
  has(id: string): Promise<boolean>;
  /** Takes back items that nobody has begun. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}
