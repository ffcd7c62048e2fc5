import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { ask } from './client.ts';
import { useMarket } from './queries.ts';
import { useKept } from './use-kept.ts';
import type { Attention, Pacing, RunRequests } from './types.ts';

const ATTENTION_EVERY_MS = 15_000;
const PACING_EVERY_MS = 2000;

export const useRunRequests = (
  runId: string,
  filter: Readonly<Record<string, string>>,
): UseQueryResult<RunRequests> =>
  useKept(
    useQuery({
      queryKey: ['requests', runId, filter],
      queryFn: () =>
        ask<RunRequests>(
          `/api/processing/import/runs/${encodeURIComponent(runId)}/requests?${new URLSearchParams(filter)}`,
        ),
    }),
    runId,
  );

export const useAttention = (): UseQueryResult<Attention> =>
  useQuery({
    queryKey: ['attention'],
    queryFn: () => ask<Attention>('/api/attention'),
    refetchInterval: ATTENTION_EVERY_MS,
  });

export const usePacing = (): UseQueryResult<Pacing> =>
  useQuery({
    queryKey: ['pacing'],
    queryFn: () => ask<Pacing>('/api/processing/pacing'),
    refetchInterval: PACING_EVERY_MS,
  });

/** The service's clock, which may be another than the reader's: ms since the epoch. */
export function useServiceClock(): () => number {
  const { data, dataUpdatedAt } = useMarket();
  const ahead = data === undefined ? 0 : Date.parse(data.now) - dataUpdatedAt;
  return () => Date.now() + ahead;
}
