import { randomBytes } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../errors.ts';
import { giveToOwner } from './cluster.ts';
import type { Cluster } from './cluster.ts';

/** Where a server also listens on TCP. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The wish of `db start`: the server stays when the last user leaves. */
export interface KeepUp {
  readonly listen?: ListenAddress | undefined;
}

const markerFile = (cluster: Cluster): string => path.join(cluster.home, 'keep-up.json');
const passwordFile = (cluster: Cluster): string => path.join(cluster.home, 'password');

/** `HOST:PORT` of this machine only. @throws AppError CONFIG_INVALID */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw usageError(
      `--listen ${text}: expected 127.0.0.1:PORT (or localhost, [::1]) with a port from 1 to 65535. ` +
        'The embedded database is reachable from this machine only.',
    );
  }
  return { host: match[1].replace(/^\[(.*)\]$/, '$1'), port };
}

/** Undefined when nobody wants the server to stay. */
export function findKeepUp(cluster: Cluster): KeepUp | undefined {
  try {
    return parseKeepUp(readFileSync(markerFile(cluster), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw usageError(
      `${markerFile(cluster)} is not what tickstock wrote; remove it and start the database again.`,
    );
  }
}

function parseKeepUp(text: string): KeepUp {
  const { listen } = JSON.parse(text) as { listen?: Partial<ListenAddress> };
  if (listen === undefined) return {};
  const { host, port } = listen;
  if (typeof host !== 'string' || typeof port !== 'number') throw new Error('no address');
  return { listen: { host, port } };
}

export async function writeKeepUp(cluster: Cluster, wish: KeepUp): Promise<void> {
  const partial = `${markerFile(cluster)}.${process.pid}`;
  await writeFile(partial, JSON.stringify(wish), { mode: 0o600 });
  await giveToOwner(cluster, partial);
  await rename(partial, markerFile(cluster));
}

export async function removeKeepUp(cluster: Cluster): Promise<void> {
  await rm(markerFile(cluster), { force: true });
}

/** The password for TCP, made at first use. */
export async function ensurePassword(cluster: Cluster): Promise<string> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(passwordFile(cluster), flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  await file?.writeFile(randomBytes(24).toString('base64url')).finally(() => file.close());
  await giveToOwner(cluster, passwordFile(cluster));
  return readPassword(cluster);
}

export async function readPassword(cluster: Cluster): Promise<string> {
  return readFile(passwordFile(cluster), 'utf8');
}
