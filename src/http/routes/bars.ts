import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { barsToCsv } from '../../bars-csv.ts';
import type { z } from 'zod';
import { newYorkDate } from '../../market/new-york.ts';
import { type StoredBar, readBars } from '../../storage/read-bars.ts';
import { answers } from '../answers.ts';
import { barsAnswer, barsParams, barsQuery } from '../contract.ts';
import type { ServiceContext } from '../context.ts';
import { refusalOf } from '../problem.ts';

/** What is stored of one symbol. */
export const barRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/bars/:symbol',
      {
        schema: {
          tags: ['bars'],
          summary: 'Stored bars of a symbol, in order',
          description:
            'The newest ones when neither from, to nor after is given, else the first ones of the range; next_after leads to the next page. ' +
            'With format=csv it is the header X-Next-After.',
          params: barsParams,
          querystring: barsQuery,
          response: answers(barsAnswer),
        },
      },
      async ({ params, query }, reply) => {
        const { timeframe, from, to, after, limit, as_of: asOf } = query;
        const raw = query.adjusted === 'false';
        if (raw && timeframe !== 'daily' && timeframe !== 'hourly') {
          throw refusalOf(
            'query.adjusted',
            `there are no raw ${timeframe} bars: they are rolled up from adjusted days`,
          );
        }
        const today = newYorkDate(app.clock.now());
        if (asOf !== undefined && asOf > today) {
          throw refusalOf('query.as_of', `${asOf} is in the future: expected ${today} or earlier`);
        }
        const wanted = { symbol: params.symbol, timeframe, from, to, after, raw, asOf };
        const isRange = from !== undefined || to !== undefined || after !== undefined;
        const found = await readBars(app.database, {
          ...wanted,
          ...(isRange ? { oldest: limit + 1 } : { newest: limit }),
        });
        const bars = found.slice(0, limit);
        const nextAfter = found.length > limit ? (bars.at(-1)?.date ?? null) : null;
        if (query.format === 'csv') {
          if (nextAfter !== null) reply.header('x-next-after', nextAfter);
          reply.type('text/csv; charset=utf-8');
          return barsToCsv(bars) as never;
        }
        return {
          symbol: params.symbol,
          timeframe,
          adjusted: !raw,
          bars: bars.map(toBar),
          next_after: nextAfter,
        };
      },
    );
  };

const toBar = (bar: StoredBar): z.infer<typeof barsAnswer>['bars'][number] => ({
  date: bar.date,
  open: bar.open,
  high: bar.high,
  low: bar.low,
  close: bar.close,
  volume: bar.volume,
  vwap: bar.vwap,
  trades: bar.trades,
  final: bar.final,
});
