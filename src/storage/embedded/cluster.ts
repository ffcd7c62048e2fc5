import { existsSync } from 'node:fs';
import { chmod, chown, lchown, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { findBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { runProgram } from './run-program.ts';
import type { RunAs } from './run-program.ts';

/** One embedded PostgreSQL on disk, running or not. */
export interface Cluster {
  /** Ours, entered by its owner only: the log, the marker of `db start`, the password. */
  readonly home: string;
  /** PostgreSQL's data directory, in `home`, which also holds the server's socket. */
  readonly folder: string;
  /** The server's user; undefined is ourselves. */
  readonly runAs: RunAs | undefined;
  readonly binaries: Binaries;
}

export const databaseName = 'tickstock';
export const userName = 'tickstock';

/**
 * How a program started in the data directory names it. The link needs none of the folders above,
 * which the server's user may not be allowed to walk.
 */
export const dataDirectoryArgument = (folder: string): string =>
  existsSync('/proc/self/cwd') ? '/proc/self/cwd' : folder;

const nobody: RunAs = { uid: 65_534, gid: 65_534 };
const abandonedAfterMs = 3_600_000;

/**
 * Finds the data directory under `dataDir` (relative ones count from the working directory), without making it.
 * @throws AppError CONFIG_INVALID when it cannot be reached, or is another major version's.
 */
export async function findCluster(options: {
  dataDir: string;
  binDir?: string | undefined;
}): Promise<Cluster> {
  const binaries = await findBinaries(options.binDir);
  const dataDir = path.resolve(options.dataDir);
  const home = path.join(dataDir, 'postgres');
  const folder = path.join(home, String(binaries.major));
  const other = (await list(home)).find((name) => /^\d+$/.test(name) && name !== String(binaries.major));
  if (other !== undefined && !existsSync(folder)) {
    throw new AppError(
      'CONFIG_INVALID',
      `${path.join(home, other)} was made by PostgreSQL ${other}; this tickstock brings PostgreSQL ${binaries.major}. ` +
        'Write a backup with the tickstock that made it (tickstock db backup FILE) and restore it into a new data folder.',
    );
  }
  return { home, folder, binaries, runAs: await serverUser([folder, dataDir]) };
}

/** Makes the data directory unless it is there: in a folder aside, renamed when complete; the first process wins. */
export async function createCluster(cluster: Cluster): Promise<void> {
  if (existsSync(path.join(cluster.folder, 'PG_VERSION'))) return;
  await makeHome(cluster);
  await removeAbandoned(cluster);
  const binDir = await cluster.binaries.ready(cluster.runAs);
  const aside = await mkdtemp(`${cluster.folder}.new-`);
  try {
    if (cluster.runAs) await chown(aside, cluster.runAs.uid, cluster.runAs.gid);
    await initialise(cluster, binDir, aside);
    await rename(aside, cluster.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function initialise(cluster: Cluster, binDir: string, folder: string): Promise<void> {
  const at = dataDirectoryArgument(folder);
  const steps = [
    {
      program: 'initdb',
      args: [
        '-D',
        at,
        '-U',
        userName,
        '-E',
        'UTF8',
        '--auth-local=trust',
        '--auth-host=scram-sha-256',
        ...locale(cluster),
      ],
      input: '',
    },
    {
      program: 'postgres',
      args: ['--single', '-D', at, 'postgres'],
      input: `CREATE DATABASE ${databaseName}\n`,
    },
  ];
  for (const { program, args, input } of steps) {
    const run = await runProgram(path.join(binDir, program), args, {
      cwd: folder,
      runAs: cluster.runAs,
      input,
    });
    if (run.code !== 0 || /^.*\b(ERROR|FATAL|PANIC):/m.test(run.output)) {
      throw new AppError(
        'STORAGE_FAILED',
        `PostgreSQL could not be set up in ${cluster.folder}: ${program} said: ${lastLines(run.output)}`,
      );
    }
  }
}

/** Text compares by code point, by rules PostgreSQL itself carries where it can (17 and newer). */
const locale = (cluster: Cluster): string[] =>
  cluster.binaries.major >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C'];

export const lastLines = (text: string): string => text.trim().split('\n').slice(-5).join('\n');

async function makeHome(cluster: Cluster): Promise<void> {
  const dataDir = path.dirname(cluster.home);
  try {
    await mkdir(dataDir, { recursive: true });
    await mkdir(cluster.home, { recursive: true, mode: 0o700 });
    await chmod(cluster.home, 0o700);
    const owner = await stat(dataDir);
    // Root working in somebody's folder leaves it usable for them.
    if (process.getuid?.() === 0) await chown(cluster.home, owner.uid, owner.gid);
  } catch (cause) {
    throw unreachable(cluster.home, cause);
  }
}

/** PostgreSQL refuses to run as root: root hands it to the folder's owner, or to nobody where that is root. */
async function serverUser(folders: string[]): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid };
  }
  return nobody;
}

/** Folders of a set-up that was killed. */
async function removeAbandoned(cluster: Cluster): Promise<void> {
  for (const name of await list(cluster.home)) {
    if (!name.includes('.new-')) continue;
    const folder = path.join(cluster.home, name);
    const found = await stat(folder).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs)
      await rm(folder, { recursive: true, force: true });
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreachable(folder, error);
  }
}

/** Root working in somebody's folder leaves its files usable for them. */
export async function giveToOwner(cluster: Cluster, file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await stat(cluster.home);
  await lchown(file, owner.uid, owner.gid);
}

const unreachable = (folder: string, cause: unknown): AppError =>
  new AppError(
    'CONFIG_INVALID',
    `The data folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      'Run as the user it belongs to, or choose another one (TICKSTOCK_DATA_DIR).',
    { cause },
  );
