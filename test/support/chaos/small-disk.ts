import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';

/** A file system of its own in memory, so that it can be full without harm to anybody else. */
export interface SmallDisk {
  /** Leaves no room for a byte more. */
  fill(): void;
  /** Makes room again. */
  free(): void;
  unmount(): void;
}

const SIZE_BYTES = 1024 ** 3;

/** Mounts one on an empty folder; null where that is not allowed: it takes root. */
export function mountSmallDisk(folder: string): SmallDisk | null {
  const options = `size=${SIZE_BYTES},mode=0755`;
  if (process.getuid?.() !== 0 || !succeeds('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder))
    return null;
  const resize = (bytes: number): void => {
    if (!succeeds('mount', '-o', `remount,size=${bytes}`, folder)) {
      throw new Error(`Could not make ${folder} ${bytes} bytes large.`);
    }
  };
  return {
    fill() {
      // What is written between the look and the order makes the order fail: it cannot be smaller than what is used.
      for (let tries = 0; ; tries++) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        try {
          return resize((blocks - bfree) * bsize);
        } catch (error) {
          if (tries === 20) throw error;
        }
      }
    },
    free: () => resize(SIZE_BYTES),
    unmount() {
      if (!succeeds('umount', folder)) succeeds('umount', '-l', folder);
    },
  };
}

const succeeds = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
