import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import { pacingAnswer } from '../contract-pacing.ts';
import type { ServiceContext } from '../context.ts';
import { createPaceGauge } from '../pace-gauge.ts';

/** The request rate limit. */
export const pacingRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const gauge = createPaceGauge(app.pacer);
    server.get(
      '/api/processing/pacing',
      {
        schema: {
          tags: ['operations'],
          summary: 'How much of the request rate limit is used',
          response: answers(pacingAnswer),
        },
      },
      gauge,
    );
  };
