import type { WriteOptions } from '../../src/storage/write-bars.ts';

/** Writes by COPY, without knowing what is stored. */
export const plainly: WriteOptions = { useCopy: true, mayBeStored: () => true };
