import type { Attempt } from './classify.ts';
import type { RequestPage } from './page-request.ts';
import type { PageReader } from './read-answer.ts';
import type { TimeBudget } from '../time-budget.ts';

/**
 * Asks, as evidence, for what the vendor answers with one object; `parse` makes sense of it.
 * @throws AppError as `RequestPage`, also for what `parse` finds unusable.
 */
export async function fetchObject<T>(
  { requestPage }: { requestPage: RequestPage },
  request: {
    readonly route: string;
    readonly attempt: Attempt;
    readonly path: string;
    readonly query?: URLSearchParams;
    readonly budget?: TimeBudget | undefined;
    readonly parse: (envelope: Readonly<Record<string, unknown>>) => T;
  },
  signal: AbortSignal,
): Promise<T> {
  const { parse, ...asked } = request;
  const page = {
    query: new URLSearchParams(),
    ...asked,
    page: 1,
    evidence: true,
    emptyMeans: 'success',
  } as const;
  const read = (): PageReader<T> => ({ onRows() {}, finish: ({ envelope }) => parse(envelope) });
  const { value } = await requestPage({ ...page, read }, signal);
  return value;
}
