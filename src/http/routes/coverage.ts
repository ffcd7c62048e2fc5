import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { calendarYears, latestClosedSession, sessionsBetween } from '../../market/calendar.ts';
import type { IsoDate } from '../../market/date.ts';
import { latestSettledSession } from '../../market/finality.ts';
import { cellStates, findCovered, readCoverageWall } from '../../storage/coverage-wall.ts';
import { answers } from '../answers.ts';
import { MOST_YEARS, coverageAnswer, coverageQuery } from '../contract-coverage.ts';
import { MOST_SYMBOLS } from '../contract-fields.ts';
import type { ServiceContext } from '../context.ts';
import { refusalOf } from '../problem.ts';

/** Which sessions of which symbols are there. */
export const coverageRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/coverage',
      {
        schema: {
          tags: ['bars'],
          summary: 'How every session of symbols stands: complete, absent and why, or a gap',
          description: `At most ${MOST_SYMBOLS.toLocaleString('en-US')} symbols and ${MOST_YEARS} years.`,
          querystring: coverageQuery,
          response: answers(coverageAnswer),
        },
      },
      async ({ query: { timeframe, universe, from, to } }) => {
        const { pool } = app.database;
        const members =
          universe === undefined
            ? null
            : (await app.universes.resolve(universe)).members.map(({ symbol }) => symbol);
        const covered = await findCovered(pool, timeframe, members);
        const symbols = members ?? covered.symbols;
        if (symbols.length > MOST_SYMBOLS)
          throw refusalOf(
            'query.universe',
            `at most ${MOST_SYMBOLS} symbols at once, and these are ${symbols.length}: name a smaller universe`,
          );
        const now = app.clock.now();
        const last = to ?? latestClosedSession(now);
        const first = from ?? later(covered.first ?? last, yearsBefore(last));
        if (first < yearsBefore(last))
          throw refusalOf('query.from', `at most ${MOST_YEARS} years at once: choose nearer dates`);
        const sessions = sessionsBetween(first, last);
        const rows = await readCoverageWall(pool, {
          symbols,
          timeframe,
          sessions,
          dueThrough: latestSettledSession(now),
          names: await app.renames.history(),
        });
        return { timeframe, states: [...cellStates], sessions, symbols: rows };
      },
    );
  };

const later = (a: IsoDate, b: IsoDate): IsoDate => (a > b ? a : b);

/** As many years before a date as may be asked for, as far as the calendar goes. */
const yearsBefore = (date: IsoDate): IsoDate =>
  later(`${Number(date.slice(0, 4)) - MOST_YEARS}${date.slice(4)}`, `${calendarYears.from}-01-01`);
