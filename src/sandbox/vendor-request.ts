import type { Answer } from './answer.ts';
import type { Market } from './market.ts';
import type { PlanName } from './plan.ts';

/** One authorised request as a route sees it. */
export interface VendorRequest {
  /** 32 hexadecimal digits, sent in body and header alike. */
  readonly id: string;
  /** Where `next_url` leads: scheme, host and port of the sandbox. */
  readonly origin: string;
  readonly query: URLSearchParams;
  readonly market: Market;
  readonly plan: PlanName;
  readonly seed: number;
  /** The sandbox's clock, ms since the epoch. */
  readonly now: number;
}

/** Answers one route; `parameters` are the decoded parts of the path that vary. */
export type Route = (request: VendorRequest, ...parameters: string[]) => Answer;

/** `true` and `false` as the vendor reads them; `absent` for no value. */
export function flag(query: URLSearchParams, name: string, absent: boolean): boolean {
  const value = query.get(name);
  return value === null || value === '' ? absent : value.toLowerCase() !== 'false';
}

/** A whole number of at least 1 and at most `most`; undefined for anything else. */
export function parseLimit(text: string | null, absent: number, most: number): number | undefined {
  if (text === null || text === '') return absent;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= most ? limit : undefined;
}
