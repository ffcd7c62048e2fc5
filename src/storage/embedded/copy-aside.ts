import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes `target` a copy of the folder `source` that every user of the machine may read and run,
 * unless it is one already. The copy appears whole or not at all, whoever else copies at once.
 * False when something at `target` is not ours: nothing there is then used or touched.
 */
export async function copyAside(source: string, target: string): Promise<boolean> {
  if (await lstat(target).catch(() => undefined)) {
    if (!(await isOurs(target))) return false;
    if (await isSameTree(source, target)) return true;
    await rm(target, { recursive: true, force: true });
  }
  const partial = await mkdtemp(`${target}.`);
  try {
    await copyTree(source, partial);
    await rename(partial, target);
    return true;
  } catch {
    // Another process was first, or somebody put something there.
    return (await isOurs(target)) && (await isSameTree(source, target));
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** A folder in a place open to all can be trusted when we made it and only we can write to it. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === process.getuid?.() &&
    (found.mode & 0o022) === 0
  );
}

/** Cleaners of temporary folders remove single files, so each is looked at. */
async function isSameTree(source: string, target: string): Promise<boolean> {
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const name = path.relative(source, path.join(entry.parentPath, entry.name));
    const copy = await lstat(path.join(target, name)).catch(() => undefined);
    if (copy === undefined) return false;
    if (entry.isFile() && copy.size !== (await lstat(path.join(source, name))).size) return false;
  }
  return true;
}

async function copyTree(source: string, target: string): Promise<void> {
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const from = path.join(source, entry.name);
      const to = path.join(target, entry.name);
      if (entry.isDirectory()) {
        await mkdir(to);
        await copyTree(from, to);
      } else if (entry.isSymbolicLink()) {
        await symlink(await readlink(from), to);
      } else {
        await copyFile(from, to);
        // Not what the installer's umask left, but what the other user needs.
        await chmod(to, (await lstat(from)).mode & 0o100 ? 0o755 : 0o644);
      }
    }),
  );
  await chmod(target, 0o755);
}
