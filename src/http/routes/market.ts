import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { toInstant } from '../../events/announcement.ts';
import {
  afterHoursEndAt,
  closureReason,
  latestClosedSession,
  nextSession,
  sessionHours,
} from '../../market/calendar.ts';
import type { IsoDate } from '../../market/date.ts';
import { newYorkDate, newYorkInstant } from '../../market/new-york.ts';
import { answers } from '../answers.ts';
import { marketAnswer } from '../contract-daily.ts';
import type { ServiceContext } from '../context.ts';

/** The market by the trading calendar. */
export const marketRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/market/status',
      {
        schema: {
          tags: ['market'],
          summary: 'Whether the market is open, and the next session',
          response: answers(marketAnswer),
        },
      },
      async () => marketStatusAt(app.clock.now()),
    );
  };

/** The market at an instant, ms since the epoch. */
export function marketStatusAt(now: number): z.infer<typeof marketAnswer> {
  const date = newYorkDate(now);
  const reason = closureReason(date);
  return {
    now: toInstant(now),
    date,
    phase: reason === null ? phaseOf(date, now) : 'closed',
    closed_because: reason,
    session: reason === null ? factsOf(date) : null,
    next_session: factsOf(nextSession(date)),
    last_session: latestClosedSession(now),
  };
}

function phaseOf(session: IsoDate, now: number): 'pre-market' | 'open' | 'after-hours' | 'closed' {
  const { opensAt, closesAt } = sessionHours(session);
  if (now >= opensAt && now < closesAt) return 'open';
  if (now < opensAt) return now >= newYorkInstant(session, 4) ? 'pre-market' : 'closed';
  return now < afterHoursEndAt(session) ? 'after-hours' : 'closed';
}

function factsOf(session: IsoDate): z.infer<typeof marketAnswer>['next_session'] {
  const { opensAt, closesAt, earlyClose } = sessionHours(session);
  return {
    date: session,
    opens_at: toInstant(opensAt),
    closes_at: toInstant(closesAt),
    early_close: earlyClose,
  };
}
