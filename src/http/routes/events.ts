import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers } from '../answers.ts';
import { eventsQuery } from '../contract.ts';
import type { EventStreams } from '../event-streams.ts';
import { Problem } from '../problem.ts';

/** Following events as they happen. */
export const eventRoutes =
  (streams: EventStreams, mostClients: number): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/processing/events',
      {
        compress: false,
        schema: {
          tags: ['events'],
          summary: 'Events as they happen (server-sent events)',
          description:
            'Each has the name of the event, its message as on Redis, and its number as id. With Last-Event-ID it goes on after that one, ' +
            'without a gap or a repeat; when events in between are no longer kept, it begins with a `reset` event.',
          querystring: eventsQuery,
          produces: ['text/event-stream'],
          response: answers(z.string()),
        },
      },
      async (request, reply) => {
        if (streams.clients >= mostClients) {
          throw new Problem(
            503,
            'TOO_MANY_CLIENTS',
            `${mostClients} clients follow events already. Come back later, or raise service.event_clients.`,
          );
        }
        const after =
          parseLastEventId(request.headers['last-event-id']) ?? request.query.last_event_id ?? null;
        reply.hijack();
        await streams
          .open(reply.raw, { after, runId: request.query.run_id })
          // The client comes back and resumes.
          .catch(() => reply.raw.destroy());
      },
    );
  };

/** @throws Problem for an id that is none of ours. */
function parseLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  const fault = { place: 'headers.last-event-id', message: 'expected the id of an event, a whole number' };
  throw new Problem(
    400,
    'INPUT_INVALID',
    `The request cannot be understood: ${fault.place}: ${fault.message}.`,
    [fault],
  );
}
