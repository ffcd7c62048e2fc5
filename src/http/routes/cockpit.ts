import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import serveFiles from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import { open } from '../answers.ts';

const BUILT = fileURLToPath(new URL('../../web/', import.meta.url));

/** The addresses of the cockpit's views: each is the same page, which shows what its address says. */
const VIEWS = [
  '/',
  '/import',
  '/runs',
  '/runs/:run',
  '/coverage',
  '/symbols',
  '/symbols/:symbol',
  '/universes',
  '/universes/:name',
  '/schedule',
] as const;

/** The page may load and ask nothing but this service, and runs nothing that is not a file of it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const A_YEAR_MS = 365 * 86_400_000;

/** The cockpit: files that anybody may load; what they ask for then needs a key where the service asks for one. */
export const cockpitRoutes: FastifyPluginAsync = async (server) => {
  // A checkout may run from its sources, which have no page.
  if (!existsSync(join(BUILT, 'index.html'))) return;
  server.addHook('onSend', async (_, reply) => {
    reply.header('content-security-policy', POLICY);
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cross-origin-opener-policy', 'same-origin');
  });
  await server.register(serveFiles, { root: BUILT, serve: false });
  const hidden = { config: open, schema: { hide: true } } as const;
  for (const view of VIEWS)
    server.get(view, hidden, (_, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false }),
    );
  server.get('/icon.svg', hidden, (_, reply) => reply.sendFile('icon.svg'));
  // Their names change with what is in them.
  server.get<{ Params: { file: string } }>('/assets/:file', hidden, ({ params }, reply) =>
    reply.sendFile(params.file, join(BUILT, 'assets'), { maxAge: A_YEAR_MS, immutable: true }),
  );
};
