import type { RequestBytes } from './minimum-requests.ts';

/** About what answers weigh uncompressed: a day of all stocks has some 12,500 rows of 105 bytes. */
export const requestBytes: RequestBytes = { groupedDay: 1_300_000, range: 300, rangeSession: 105 };
