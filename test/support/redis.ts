import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { describeWhere } from './describe-where.ts';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** A suite that needs redis-server; see `describeWhere`. */
export const describeWithRedis = (name: string, suite: () => void): void =>
  describeWhere(isInstalled, 'redis-server', name, suite);

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Ends it, once. */
  stop(): Promise<void>;
}

/** A Redis of the test's own on loopback, without persistence: on a free port, or again on the one given. */
export async function startRedis(password: string, again?: number): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-redis-'));
  const port = again ?? (await freePort());
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn('redis-server', [...flags, '--requirepass', password], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await ready(child);
  return {
    port,
    url: `redis://:${password}@127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  let said = '';
  for await (const chunk of child.stdout!) {
    said += String(chunk);
    if (said.includes('Ready to accept connections')) break;
  }
  if (!said.includes('Ready to accept connections')) throw new Error(`redis-server did not start: ${said}`);
}
