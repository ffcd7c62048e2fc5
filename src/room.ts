import { freemem } from 'node:os';
import { resolve } from 'node:path';
import type { Settings } from './config.ts';
import { AppError } from './errors.ts';
import { freeBytesAround } from './free-space.ts';

/** What an importing process may take (docs/decisions/0003-small-heap.md). */
const PROCESS_BYTES = 200e6;
/** Of a base bar with its index, its coverage and the server's log; measured, see bench/results.md. */
const BAR_BYTES = 400;
/** What the database needs to go on at all. */
const LEAST_DISK_BYTES = 200e6;

/** Memory and disk, asked for before a run begins rather than found wanting in its midst. */
export interface Room {
  /** @throws AppError INTERNAL, to be tried again later, when an importing process does not fit in. */
  requireMemory(): void;
  /** @throws AppError STORAGE_FAILED when so many more base bars do not fit on the disk, as far as it can be seen. */
  requireDisk(bars: number): Promise<void>;
}

export interface Machine {
  freeMemory(): number;
  /** What this process is limited to; 0 or a number beyond any memory when it is not. */
  memoryLimit(): number;
  /** Around a folder that may not exist yet. */
  freeDisk(folder: string): Promise<number>;
}

const thisMachine: Machine = {
  freeMemory: freemem,
  memoryLimit: () => process.constrainedMemory(),
  freeDisk: freeBytesAround,
};

export function createRoom(settings: Pick<Settings, 'find' | 'get'>, machine: Machine = thisMachine): Room {
  // A remote server's disk cannot be seen from here.
  const folder =
    settings.find('storage.database_url') === undefined ? settings.get('storage.data_dir') : null;
  return {
    requireMemory() {
      const limit = machine.memoryLimit();
      if (limit > 0 && limit < PROCESS_BYTES)
        throw tooLittleMemory(`This process is limited to ${megabytes(limit)} of memory`);
      const free = machine.freeMemory();
      if (free < PROCESS_BYTES / 2) throw tooLittleMemory(`Only ${megabytes(free)} of memory are free`);
    },
    async requireDisk(bars) {
      if (folder === null) return;
      const free = await machine.freeDisk(resolve(folder));
      const needed = LEAST_DISK_BYTES + bars * BAR_BYTES;
      if (free >= needed) return;
      throw new AppError(
        'STORAGE_FAILED',
        `Not begun: the import may bring ${bars.toLocaleString('en')} bars, which need about ${megabytes(needed)}, and ${megabytes(free)} are free for ${folder}. Make room, ask for less, or set TICKSTOCK_DATA_DIR elsewhere.`,
      );
    },
  };
}

const tooLittleMemory = (what: string): AppError =>
  new AppError(
    'INTERNAL',
    `${what}, and an import takes up to ${megabytes(PROCESS_BYTES)}: nothing was begun. End other programs or give it more, then try again.`,
    { retryable: true },
  );

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
