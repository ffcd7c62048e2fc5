import { createHash } from 'node:crypto';
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.ts';

/** A socket's address ends here, in bytes, on every system we run on (Linux: 107). */
const longestAddress = 103;

const linksFolder = (): string => `/tmp/tickstock-${process.getuid?.()}`;

const isShort = (folder: string): boolean =>
  Buffer.byteLength(path.join(folder, '.s.PGSQL.65535')) <= longestAddress;

const linkTo = (folder: string): string =>
  path.join(linksFolder(), createHash('sha256').update(folder).digest('hex').slice(0, 16));

/** A folder through which the socket in `folder` is reached; a link of our own to it where its path is too long. */
export async function socketFolder(folder: string): Promise<string> {
  if (isShort(folder)) return folder;
  const links = linksFolder();
  await mkdir(links, { mode: 0o700 }).catch(ignore('EEXIST'));
  const found = await lstat(links);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `The path ${folder} is too long for a socket, and ${links}, the way around, is not a folder only you may enter. ` +
        'Remove that folder or choose a shorter data folder (TICKSTOCK_DATA_DIR).',
    );
  }
  const link = linkTo(folder);
  if ((await readlink(link).catch(() => undefined)) === folder) return link;
  const partial = `${link}.${process.pid}`;
  await rm(partial, { force: true });
  await symlink(folder, partial);
  await rename(partial, link);
  return link;
}

/** Removes the link, where one was needed. */
export async function removeSocketLink(folder: string): Promise<void> {
  if (!isShort(folder)) await rm(linkTo(folder), { force: true });
}

const ignore =
  (code: string) =>
  (error: NodeJS.ErrnoException): void => {
    if (error.code !== code) throw error;
  };
