import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { compareMembers } from '../../market/universe-member.ts';
import { answers } from '../answers.ts';
import * as contract from '../contract-universes.ts';
import type { ServiceContext } from '../context.ts';
import { atPlace } from '../problem.ts';

/** What expressions over universes come to. */
export const universeExpressionRoutes =
  ({ app: { universes } }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const resolve = (place: string, expression: string) =>
      atPlace(place, () => universes.resolve(expression));

    const symbolsOf = async (place: 'query.a' | 'query.b', expression: string): Promise<string[]> =>
      (await resolve(place, expression)).members.map(({ symbol }) => symbol);

    server.get(
      '/api/universe-expressions',
      {
        schema: {
          tags: ['universes'],
          summary: 'The members of an expression such as "sp500 + nasdaq100 - dow30"',
          querystring: contract.expressionQuery,
          response: answers(contract.expressionAnswer),
        },
      },
      async ({ query: { expression, limit, cursor = '' } }) => {
        const { names, members } = await resolve('query.expression', expression);
        const left = members.filter(({ symbol }) => symbol > cursor);
        const page = left.slice(0, limit);
        return {
          names,
          total_symbols: members.length,
          members: page,
          next_cursor: left.length > page.length ? (page.at(-1)?.symbol ?? null) : null,
        };
      },
    );

    server.get(
      '/api/universe-comparison',
      {
        schema: {
          tags: ['universes'],
          summary: 'The symbols that one of two universes or expressions has, the other, and both',
          querystring: contract.comparisonQuery,
          response: answers(contract.comparisonAnswer),
        },
      },
      async ({ query }) => {
        const [a, b] = [await symbolsOf('query.a', query.a), await symbolsOf('query.b', query.b)];
        const { added, removed, kept } = compareMembers(a, b);
        return { only_in_a: counted(removed), in_both: counted(kept), only_in_b: counted(added) };
      },
    );
  };

const counted = (symbols: readonly string[]) => ({ total_symbols: symbols.length, symbols: [...symbols] });
