import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Link } from './faults.ts';
import { type End, type Supervised, supervise } from './supervise.ts';
import { type TcpProxy, createTcpProxy } from './tcp-proxy.ts';
import type { VendorTraffic } from './vendor-traffic.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/tickstock.js', import.meta.url));
const CLOCK = new URL('./shifted-clock.mjs', import.meta.url).href;

/** What a process is started with. */
export interface MemberSpec {
  readonly name: string;
  /** Of `tickstock`. */
  readonly args: readonly string[];
  /** What becomes of it when it ended by itself; default: it is started again after a second. */
  backAfter?(end: End): number | null;
}

/** A process of the program with links of its own to everything it uses, and a clock of its own. */
export interface Member {
  readonly name: string;
  readonly program: Supervised;
  readonly links: Readonly<Record<Link, TcpProxy>>;
  /** Where it serves HTTP; null as long as it has not said so in this life. */
  readonly url: string | null;
  /** Its clock is off by so much from now on. */
  jumpClock(byMs: number): void;
  /** Ends it for good, and its links. */
  close(): Promise<void>;
}

/** What members use, without anything between. */
export interface Surroundings {
  /** Of the database server. */
  readonly socket: string;
  readonly database: string;
  readonly redisPort: number;
  readonly vendorPort: number;
  readonly env: Readonly<Record<string, string>>;
  readonly traffic: VendorTraffic;
  readonly folder: string;
}

export async function startMember(spec: MemberSpec, around: Surroundings): Promise<Member> {
  const { name, args } = spec;
  const links = {
    database: await createTcpProxy({ path: around.socket }),
    redis: await createTcpProxy({ port: around.redisPort, host: '127.0.0.1' }),
    vendor: await createTcpProxy({ port: around.vendorPort, host: '127.0.0.1' }, () =>
      around.traffic.tap(name),
    ),
  };
  const cwd = path.join(around.folder, name);
  mkdirSync(cwd);
  const clock = path.join(cwd, 'clock');
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_OPTIONS: `--import ${CLOCK}`,
    CHAOS_CLOCK_FILE: clock,
    ...around.env,
    DATABASE_URL: `postgresql://tickstock@127.0.0.1:${links.database.port}/${around.database}`,
    REDIS_URL: `redis://127.0.0.1:${links.redis.port}`,
    MASSIVE_BASE_URL: `http://127.0.0.1:${links.vendor.port}`,
  };
  let url: string | null = null;
  const program = supervise({
    ...spec,
    start() {
      url = null;
      return spawn(process.execPath, [PROGRAM, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    },
    onLine(line) {
      url = /^\{"url":"([^"]+)"/.exec(line)?.[1] ?? url;
    },
  });
  return {
    name,
    program,
    links,
    get url() {
      return program.pid === undefined ? null : url;
    },
    jumpClock: (byMs) => writeFileSync(clock, String(byMs)),
    async close() {
      for (const link of Object.values(links)) link.heal();
      await program.stop();
      await Promise.all(Object.values(links).map((link) => link.close()));
    },
  };
}
