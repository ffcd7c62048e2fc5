import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers, open } from '../answers.ts';
import { healthAnswer, readyAnswer } from '../contract.ts';
import type { ServiceContext } from '../context.ts';
import { checkReadiness } from '../readiness.ts';

/** What machines ask: alive, ready, and figures. */
export const operationRoutes =
  (context: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/health',
      {
        config: open,
        schema: {
          tags: ['operations'],
          summary: 'Whether the process lives',
          response: answers(healthAnswer),
        },
      },
      async () => ({ status: 'ok' as const }),
    );

    server.get(
      '/ready',
      {
        config: open,
        schema: {
          tags: ['operations'],
          summary: 'Whether it can work: database, migrations, disk, Redis',
          description: '503 when something required is missing. Redis is not: events wait for it.',
          response: { 200: readyAnswer, 503: readyAnswer },
        },
      },
      async (_, reply) => {
        const checks = await checkReadiness(context);
        const ready = checks.every(({ ok, required }) => ok || !required);
        return reply.code(ready ? 200 : 503).send({ ready, checks });
      },
    );

    server.get(
      '/metrics',
      {
        schema: {
          tags: ['operations'],
          summary: 'Figures for Prometheus',
          response: answers(z.string()),
        },
      },
      async (_, reply) => {
        const { registry } = context.metrics;
        return reply.type(registry.contentType).send(await registry.metrics());
      },
    );
  };
