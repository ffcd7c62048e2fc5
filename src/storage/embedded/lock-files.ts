import { linkSync, readFileSync, readdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** A lock file of PostgreSQL as it was read; `identity` differs for any other file of that name. */
interface LockFile {
  readonly file: string;
  readonly content: string;
  readonly modifiedAt: number;
  readonly identity: string;
}

const freshMs = 2000;

/** What a running server writes about itself into postmaster.pid. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Empty when the server listens on its socket only. */
  readonly listenAddress: string;
}

/** postmaster.pid; undefined when there is none or it says nothing yet. */
export function readPostmaster(folder: string): Postmaster | undefined {
  const lines = readLockFile(path.join(folder, 'postmaster.pid'))?.content.split('\n') ?? [];
  const [pid, , , port, , listenAddress] = lines;
  const known = { pid: Number(pid), port: Number(port) };
  return known.pid > 0 && known.port > 0
    ? { ...known, listenAddress: listenAddress?.trim() ?? '' }
    : undefined;
}

/** postmaster.pid and the socket's lock file, as they are now. */
export function readLockFiles(folder: string): LockFile[] {
  return readdirSync(folder)
    .filter((name) => name === 'postmaster.pid' || /^\.s\.PGSQL\.\d+\.lock$/.test(name))
    .flatMap((name) => readLockFile(path.join(folder, name)) ?? []);
}

/** Perhaps of a server about to write its pid; an older empty one is what a power cut leaves. */
export const isFreshAndEmpty = (lock: LockFile): boolean =>
  lock.content === '' && Date.now() - lock.modifiedAt < freshMs;

/**
 * Removes lock files judged to be nobody's. PostgreSQL would take a recycled pid for a running server, and
 * several servers clearing a dead one's file at once would remove each other's.
 */
export function removeLockFiles(stale: readonly LockFile[]): void {
  for (const { file, identity } of stale) {
    if (readLockFile(file)?.identity !== identity) continue;
    const aside = `${file}.${process.pid}`;
    try {
      renameSync(file, aside);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) continue;
      throw error;
    }
    // A server that started in between gets its file back.
    if (readLockFile(aside)?.identity !== identity) putBack(aside, file);
    unlinkSync(aside);
  }
}

function putBack(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}

function readLockFile(file: string): LockFile | undefined {
  try {
    const { ino, mtimeNs } = statSync(file, { bigint: true });
    const content = readFileSync(file, 'latin1');
    return {
      file,
      content,
      modifiedAt: Number(mtimeNs / 1_000_000n),
      identity: `${ino} ${mtimeNs} ${content}`,
    };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const isErrno = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
