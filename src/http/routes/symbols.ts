import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { toInstant } from '../../events/announcement.ts';
import { sessionsBetween } from '../../market/calendar.ts';
import type { NameSpan } from '../../market/name-history.ts';
import { evidenceWords, gapReasons, reasonOrder, reasonWords } from '../../absence-words.ts';
import { findSpelling } from '../../storage/session-facts.ts';
import {
  type StoredSymbol,
  type SymbolFacts,
  findSymbolFacts,
  listStoredSymbols,
} from '../../storage/symbol-facts.ts';
import { shippedNames } from '../../universe/predefined.ts';
import { answers } from '../answers.ts';
import * as contract from '../contract-symbols.ts';
import type { ServiceContext } from '../context.ts';
import { Problem } from '../problem.ts';
import { splitWords } from '../split-words.ts';

type SymbolAnswer = z.infer<typeof contract.symbolAnswer>;

/** Gaps and rejects of one answer. */
const MOST = 500;

/** The symbols that are stored, and what is known of each. */
export const symbolRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/symbols',
      {
        schema: {
          tags: ['bars'],
          summary: 'Stored symbols',
          querystring: contract.symbolsQuery,
          response: answers(contract.symbolsAnswer),
        },
      },
      async ({ query: { find, limit, cursor } }) => {
        const found = await listStoredSymbols(app.database.pool, {
          find: find?.trim() || undefined,
          after: cursor,
          limit: limit + 1,
          names: shippedNames(),
        });
        const page = found.slice(0, limit);
        return {
          symbols: page.map(toListed),
          next_cursor: found.length > page.length ? (page.at(-1)?.symbol ?? null) : null,
        };
      },
    );

    server.get(
      '/api/symbols/:symbol',
      {
        schema: {
          tags: ['bars'],
          summary: 'What is known of a symbol: coverage, gaps and why, splits, quarantined bars, renames',
          params: contract.symbolParams,
          response: answers(contract.symbolAnswer),
        },
      },
      async ({ params: { symbol } }) => {
        const history = await app.renames.history();
        const { facts, spelling } = await app.database.transaction(
          'read what is known of a symbol',
          async (client) => ({
            facts: await findSymbolFacts(client, symbol, MOST),
            spelling: await findSpelling(client, symbol),
          }),
        );
        if (facts === null) throw notStored(symbol, spelling);
        return toAnswer(symbol, facts, history.otherNames(symbol));
      },
    );
  };

function notStored(symbol: string, spelling: string | null): Problem {
  const other = spelling === null ? '' : ` There is ${spelling}: case matters.`;
  return new Problem(
    404,
    'SYMBOL_NOT_STORED',
    `Nothing is stored of ${symbol}: import it first.${other} GET /api/symbols finds what is stored.`,
  );
}

function toListed({
  symbol,
  name,
  coverage,
}: StoredSymbol): z.infer<typeof contract.symbolsAnswer>['symbols'][number] {
  const of = (timeframe: string) => coverage.find((one) => one.timeframe === timeframe);
  const ranges = coverage.flatMap((one) => one.ranges);
  return {
    symbol,
    name,
    timeframes: [
      ...(of('hourly') ? (['hourly'] as const) : []),
      ...(of('daily') ? (['daily', 'weekly', 'monthly'] as const) : []),
    ],
    first_session: ranges.map(({ from }) => from).reduce((a, b) => (a < b ? a : b)),
    last_session: ranges.map(({ to }) => to).reduce((a, b) => (a > b ? a : b)),
    daily_bars: of('daily')?.sessionsWithBars ?? 0,
    hourly_sessions: of('hourly')?.sessionsWithBars ?? 0,
  };
}

const toAnswer = (symbol: string, facts: SymbolFacts, renames: readonly NameSpan[]): SymbolAnswer => ({
  symbol,
  name: facts.name ?? shippedNames().get(symbol) ?? null,
  listed_on: facts.listedOn,
  delisted_on: facts.delistedOn,
  coverage: facts.coverage.map(({ timeframe, ranges, provisional, sessions, sessionsWithBars }) => ({
    timeframe,
    ranges: [...ranges],
    provisional: [...provisional],
    sessions,
    sessions_with_bars: sessionsWithBars,
  })),
  absences: reasonOrder.flatMap((reason) =>
    facts.absences
      .filter((count) => count.reason === reason)
      .map(({ sessions }) => ({
        reason,
        why: reasonWords[reason],
        sessions,
        needs_a_look: gapReasons.includes(reason),
      })),
  ),
  gaps: facts.gaps.map((gap) => ({
    timeframe: gap.timeframe,
    from: gap.from,
    to: gap.to,
    reason: gap.reason,
    why: reasonWords[gap.reason],
    evidence: evidenceWords(gap),
    sessions: sessionsBetween(gap.from, gap.to),
  })),
  splits: facts.splits.map((split) => ({
    date: split.executionDate,
    from: split.from,
    to: split.to,
    verdict: split.withdrawnOn === null ? split.verdict : 'withdrawn',
    is_applied: split.withdrawnOn === null && split.verdict !== 'held' && split.verdict !== 'announced',
    why: splitWords(split),
  })),
  rejects: facts.rejects.map(({ startsAt, runId, ...reject }) => ({
    ...reject,
    starts_at: toInstant(startsAt),
    run_id: runId,
  })),
  rejects_total: facts.rejectsTotal,
  renames: [...renames],
});
