import type { FastifyInstance, FastifyRequest } from 'fastify';
import { idOfKey, matchesKey } from '../api-key.ts';
import type { Access, StoredKey } from '../storage/api-keys.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to; `read` where a route does not say, `none` for what anybody may see. */
    access?: Access | 'none';
  }
}

export interface AccessConfig {
  /** False where everybody on this machine may do everything. */
  readonly requireKeys: boolean;
  /** Pages of these origins may change things too. */
  readonly corsOrigins: readonly string[];
  findKey(id: string): Promise<StoredKey | null>;
  readonly now: () => number;
}

/** How long a key that was looked up counts without another look: as long a revoked one may still work. */
const REMEMBER_MS = 5000;
const MOST_REMEMBERED = 1000;
const TRUST_WITHOUT_DATABASE_MS = 600_000;

const LOOPBACK_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Lets in who has a key for what is asked; without keys, only what comes to this machine by a name of its own. */
export function guardAccess(server: FastifyInstance, config: AccessConfig): void {
  const remembered = new Map<string, { key: StoredKey | null; until: number }>();

  const find = async (id: string): Promise<StoredKey | null> => {
    const known = remembered.get(id);
    if (known !== undefined && known.until > config.now()) return known.key;
    let key: StoredKey | null;
    try {
      key = await config.findKey(id);
    } catch (error) {
      // While the database is away, figures and health are worth more than the newest revocation.
      if (known !== undefined && config.now() < known.until + TRUST_WITHOUT_DATABASE_MS) return known.key;
      throw error;
    }
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(id, { key, until: config.now() + REMEMBER_MS });
    return key;
  };

  server.addHook('onRequest', async (request) => {
    const isDocs = request.routeOptions.url?.startsWith('/docs') === true;
    const needed = request.routeOptions.config.access ?? (isDocs ? 'none' : 'read');
    if (!config.requireKeys) return refuseForeignPages(request, config.corsOrigins);
    if (needed === 'none') return;
    const sent = keyOf(request);
    const id = sent === null ? null : idOfKey(sent);
    const key = id === null ? null : await find(id);
    if (sent === null || key === null || !matchesKey(sent, key.hash)) {
      throw new Problem(
        401,
        sent === null ? 'KEY_MISSING' : 'KEY_INVALID',
        sent === null
          ? 'This service asks for a key. Send it as X-API-Key; make one with: tickstock keys add NAME'
          : 'The key is not known, or was revoked. Make another with: tickstock keys add NAME',
      );
    }
    if (needed === 'write' && key.access !== 'write') {
      throw new Problem(
        403,
        'KEY_INSUFFICIENT',
        `The key "${key.name}" may only read. Make one that may write with: tickstock keys add NAME --write`,
      );
    }
  });
}

function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** Without keys a page elsewhere could use a browser on this machine, under its own name or by pointing that name here. */
function refuseForeignPages({ headers, method }: FastifyRequest, trusted: readonly string[]): void {
  const { host = '', origin } = headers;
  if (!LOOPBACK_NAMES.test(host)) {
    throw new Problem(
      403,
      'HOST_REFUSED',
      'Without keys this service answers only to localhost and other names of this machine’s loopback. Set service.require_keys to use another name.',
    );
  }
  const isOwn =
    origin === undefined ||
    origin === `http://${host}` ||
    trusted.some((one) => one === '*' || one === origin);
  if (isOwn || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  throw new Problem(
    403,
    'ORIGIN_REFUSED',
    `Pages of ${origin.slice(0, 100)} may not change anything here. Add it to service.cors_origins if they should.`,
  );
}
