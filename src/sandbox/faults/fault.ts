import type { Answer } from '../answer.ts';

/** An answered request as faults see it. */
export interface FaultedRequest {
  /** 32 hexadecimal digits of the request. */
  readonly id: string;
  /** What it is counted under, such as `aggregates/day`. */
  readonly route: string;
  /** Of the path; null where it has none. */
  readonly symbol: string | null;
  readonly origin: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The sandbox's clock, ms since the epoch. */
  readonly now: number;
  /** Chooses the sandbox's disorder. */
  readonly seed: number;
  /** The same for the same address and seed. */
  readonly chance: number;
}

/** One kind of misbehaviour. */
export interface Fault {
  readonly name: string;
  /** What the client sees, as a sentence. */
  readonly sentence: string;
  /** `replace` sends another answer and leaves no place for shaping; `shape` alters the answer; `deliver` spoils its way. */
  readonly kind: 'replace' | 'shape' | 'deliver';
  /** Routes, or the beginnings of their names before a `/`; all when absent. */
  readonly routes?: readonly string[];
  /** Arguments of its own with their defaults; values of others are refused. */
  readonly arguments?: Readonly<Record<string, FaultArgument>>;
  /** True for a request that this fault itself led to: answered by it whatever its other arguments say. */
  isSequel?(request: FaultedRequest): boolean;
  /** The spoilt answer, or null when there was nothing to spoil. */
  spoil(answer: Answer, request: FaultedRequest, argument: (name: string) => string): Answer | null;
}

export interface FaultArgument {
  /** Empty where the fault chooses by itself. */
  readonly default: string;
  /** What values look like, for messages and the list. */
  readonly expected: string;
  readonly pattern: RegExp;
}

export const oneOf = (first: string, ...others: string[]): FaultArgument => ({
  default: first,
  expected: [first, ...others].join(' or '),
  pattern: new RegExp(`^(?:${[first, ...others].join('|').replaceAll('.', '\\.')})$`),
});

export const wholeNumber = (absent: string, expected: string): FaultArgument => ({
  default: absent,
  expected,
  pattern: /^-?\d{1,7}$/,
});

export const dateArgument = (expected: string): FaultArgument => ({
  default: '',
  expected,
  pattern: /^\d{4}-\d{2}-\d{2}$/,
});

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of every shape
export type Body = Record<string, any>;

/** A copy of the JSON answer as `change` leaves it; null when it is no JSON object or `change` has nothing to do. */
export function altered(answer: Answer, change: (body: Body) => Body | null): Answer | null {
  if (answer.status !== 200 || answer.contentType !== 'application/json') return null;
  const parsed: unknown = JSON.parse(answer.body.toString());
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const body = change(parsed as Body);
  if (body === null) return null;
  const rows = Array.isArray(body['results']) ? body['results'].length : 0;
  return { ...answer, body: JSON.stringify(body), rows };
}
