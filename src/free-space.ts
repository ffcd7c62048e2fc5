import { statfs } from 'node:fs/promises';

/** Bytes free to this user on the disk of a folder that exists. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
