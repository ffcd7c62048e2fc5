import { type UseQueryResult, skipToken, useQuery } from '@tanstack/react-query';
import { ask, send } from './client.ts';
import type { Comparison, CsvCheck, ExpressionMembers, UniverseHistory } from './types.ts';

/** A checked list is kept no longer than it may be wanted again: it may be large. */
const KEEP_LIST_MS = 10_000;

/** Who was a member of a universe when. */
export const useUniverseHistory = (name: string): UseQueryResult<UniverseHistory> =>
  useQuery({
    queryKey: ['universe', name, 'history'],
    queryFn: () => ask<UniverseHistory>(`/api/universes/${encodeURIComponent(name)}/history`),
  });

/** What a list would make; what was said of the last one stays until there is an answer. */
export const useCsvCheck = (csv: string): UseQueryResult<CsvCheck> =>
  useQuery({
    queryKey: ['csv', csv],
    queryFn: csv.trim() === '' ? skipToken : () => send<CsvCheck>('/api/universes/check', { csv }),
    placeholderData: (before) => before,
    gcTime: KEEP_LIST_MS,
  });

/** The count and the first members of an expression. */
export const useExpression = (expression: string): UseQueryResult<ExpressionMembers> =>
  useQuery({
    queryKey: ['universes', 'expression', expression],
    queryFn:
      expression.trim() === ''
        ? skipToken
        : () => ask<ExpressionMembers>(`/api/universe-expressions?${new URLSearchParams({ expression })}`),
  });

/** What two universes or expressions have in common and what not. */
export const useComparison = (a: string, b: string): UseQueryResult<Comparison> =>
  useQuery({
    queryKey: ['universes', 'comparison', a, b],
    queryFn:
      a.trim() === '' || b.trim() === ''
        ? skipToken
        : () => ask<Comparison>(`/api/universe-comparison?${new URLSearchParams({ a, b })}`),
  });
