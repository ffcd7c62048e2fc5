import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError, toAppError, usageError } from '../errors.ts';

/**
 * Writes `pieces` to a new file only its owner may read, compressed when it ends in `.gz`. It appears under its name
 * only when whole; until then it is FILE.partial.
 * @throws AppError CONFIG_INVALID when the file exists or cannot be made; what `pieces` throws.
 */
export async function writeNewFile(
  file: string,
  pieces: AsyncIterable<string | Buffer>,
  signal: AbortSignal,
): Promise<void> {
  if (existsSync(file)) throw alreadyThere(file);
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  const sink = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  try {
    await (file.endsWith('.gz')
      ? pipeline(Readable.from(pieces), createGzip(), sink, { signal })
      : pipeline(Readable.from(pieces), sink, { signal }));
    await flush(partial);
    // Unlike rename, this never replaces a file that came in between.
    await link(partial, file);
  } catch (error) {
    throw signal.aborted ? toAppError(signal.reason) : toFileError(file, error);
  } finally {
    await rm(partial, { force: true });
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function toFileError(file: string, thrown: unknown): unknown {
  const { code, syscall, message } = thrown as NodeJS.ErrnoException;
  if (code === 'EEXIST' && syscall === 'link') return alreadyThere(file);
  if (syscall === undefined) return thrown;
  return new AppError('CONFIG_INVALID', `Could not write ${file}: ${message}.`, { cause: thrown });
}

const alreadyThere = (file: string): AppError =>
  usageError(`${file} exists already and is left as it is. Choose another name, or remove it first.`);
