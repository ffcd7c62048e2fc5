import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes free to this user on the disk of a folder that exists. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** The same for a folder that may not exist yet. */
export async function freeBytesAround(folder: string): Promise<number> {
  try {
    return await freeBytesOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return freeBytesAround(dirname(folder));
  }
}
