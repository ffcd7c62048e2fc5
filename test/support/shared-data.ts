import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeWhere } from './describe-where.ts';

/** The folder of real market data that lies beside a full checkout. */
const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** A suite over real market data; see `describeWhere`. */
export const describeWithSharedData = (name: string, suite: (folder: string) => void): void =>
  describeWhere(existsSync(folder), '../shared/data', name, () => suite(folder));
