import compress from '@fastify/compress';
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { ZodType } from 'zod';
import { AppError } from '../errors.ts';
import { findKey } from '../storage/api-keys.ts';
import { guardAccess } from './access.ts';
import { open } from './answers.ts';
import type { ServiceContext } from './context.ts';
import type { EventStreams } from './event-streams.ts';
import {
  FaultyPart,
  Problem,
  answerClientError,
  answerProblem,
  answerProblems,
  refuseFaults,
} from './problem.ts';
import { attentionRoutes } from './routes/attention.ts';
import { barRoutes } from './routes/bars.ts';
import { cockpitRoutes } from './routes/cockpit.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { dailyRoutes } from './routes/daily.ts';
import { eventRoutes } from './routes/events.ts';
import { importRoutes } from './routes/imports.ts';
import { marketRoutes } from './routes/market.ts';
import { operationRoutes } from './routes/operations.ts';
import { settingRoutes } from './routes/settings.ts';
import { universeExpressionRoutes } from './routes/universe-expressions.ts';
import { symbolRoutes } from './routes/symbols.ts';
import { pacingRoutes } from './routes/pacing.ts';
import { runRoutes } from './routes/runs.ts';
import { universeRoutes } from './routes/universes.ts';

export interface ServerConfig {
  readonly version: string;
  readonly requireKeys: boolean;
  readonly corsOrigins: readonly string[];
  readonly requestsPerSecond: number;
  readonly changesPerSecond: number;
  readonly eventClients: number;
}

const MOST_BODY_BYTES = 2 << 20;
const MOST_HEADER_BYTES = 16 << 10;
const MOST_CONNECTIONS = 5000;
const HEADERS_PATIENCE_MS = 10_000;
const REQUEST_PATIENCE_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;

/** The HTTP API, not yet listening. */
export async function createServer(
  context: ServiceContext,
  streams: EventStreams,
  config: ServerConfig,
  log: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_PATIENCE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerProblem,
    routerOptions: { maxParamLength: 200 },
    http: { maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: HEADERS_PATIENCE_MS },
  });
  server.server.maxConnections = MOST_CONNECTIONS;
  // Only JSON is read: a page elsewhere cannot send that without asking first.
  server.removeContentTypeParser('text/plain');
  answerProblems(server);

  // A refused part travels on, so that the faults of all parts are told at once.
  server.setValidatorCompiler<ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(httpPart === 'body' ? (data ?? {}) : data);
    return { value: result.success ? result.data : new FaultyPart(httpPart ?? 'request', result.error) };
  });
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.addHook('preHandler', async ({ params, query, body }) => refuseFaults([params, query, body]));

  server.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    context.metrics.httpRequest(route, request.method, reply.statusCode, reply.elapsedTime / 1000);
  });

  await server.register(cors, {
    origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['content-type', 'x-api-key', 'authorization', 'last-event-id'],
    exposedHeaders: ['x-next-after', 'retry-after'],
  });
  const isChange = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  await server.register(rateLimit, {
    timeWindow: 1000,
    keyGenerator: ({ ip, method }) => `${isChange(method) ? 'change' : 'read'} ${ip}`,
    max: ({ method }) => (isChange(method) ? config.changesPerSecond : config.requestsPerSecond),
    errorResponseBuilder: (_, { max }) =>
      new Problem(
        429,
        'TOO_MANY_REQUESTS',
        `More than ${max} such requests in a second. Come back in a second.`,
      ),
  });
  guardAccess(server, {
    requireKeys: config.requireKeys,
    corsOrigins: config.corsOrigins,
    findKey: (id) => findKey(context.app.database.pool, id),
    now: context.app.clock.now,
  });
  await server.register(compress, { threshold: 1024, encodings: ['gzip', 'identity'] });
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'TickStock data pipeline',
        description: 'Imports of stock bars: start, watch and steer them, and read what they stored.',
        version: config.version,
      },
      components: {
        securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
      },
      ...(config.requireKeys && { security: [{ key: [] }] }),
    },
    transform: jsonSchemaTransform,
  });
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  server.get('/openapi.json', { config: open, schema: { hide: true } }, async () => server.swagger());

  for (const routes of [
    importRoutes,
    runRoutes,
    attentionRoutes,
    dailyRoutes,
    barRoutes,
    coverageRoutes,
    symbolRoutes,
    universeRoutes,
    universeExpressionRoutes,
    settingRoutes,
    marketRoutes,
    operationRoutes,
    pacingRoutes,
  ])
    await server.register(routes(context));
  await server.register(eventRoutes(streams, config.eventClients));
  await server.register(cockpitRoutes);
  await server.ready();
  return server;
}

/** Listens; resolves to the address. @throws AppError CONFIG_INVALID when it cannot. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const { code } = error as { code?: string };
    throw new AppError(
      'CONFIG_INVALID',
      `Cannot listen on ${host}:${port} (${code ?? 'refused'}). Choose another with --port or --host, or end what uses it.`,
      { cause: error },
    );
  }
}
